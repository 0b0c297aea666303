"""Random input to a real service, by every door and as everybody: docs/decisions/0027."""
