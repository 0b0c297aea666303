"""The floors: what the same work costs in a bare ASGI app, under the same server.

They know nothing of the service but its tables, and do no more than the figure that they stand
beside: no GraphQL, no validation, no ORM. docs/benchmarks.md says so for each.
"""
