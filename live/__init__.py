"""What is streamed: the log store, the hub, followers."""
