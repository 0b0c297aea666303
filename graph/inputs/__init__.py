"""The input types: a mutation's or an argument's, each with its parts."""
