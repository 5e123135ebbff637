"""Pages: they know HTTP and HTML, ask `records` and `catalog` for everything else, and never see SQL."""
