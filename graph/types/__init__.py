"""The object types and interfaces, one file each."""
