"""What tests lean on: a private PostgreSQL, a browser, and the programs that Debian can bring."""
