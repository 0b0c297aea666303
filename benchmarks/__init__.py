"""`make bench`: what the service costs, on real processes, against floors measured in the same run.

docs/benchmarks.md says what each figure means and what its floor does.
"""
