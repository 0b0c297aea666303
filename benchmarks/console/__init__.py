"""What the console costs whoever looks at it: `make bench-console`, in a real Chromium."""
