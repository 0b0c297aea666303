"""What is measured on: made-up runs and lines, the same at every run of the benchmarks."""
