"""Data in and out: reading files as they come, mapping their columns, importing, exporting, backing up."""
