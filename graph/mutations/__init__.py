"""The mutations, one file for each group; their payloads stand beside them."""
