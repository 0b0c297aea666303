"""What the API does: plain async functions on models."""
