"""What clients see: Strawberry types, inputs, connections, guards and the schema."""
