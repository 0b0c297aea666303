"""How it runs: app, settings, pages, the worker, the command line."""
