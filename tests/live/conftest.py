"""A service on each database: writers here write as reporters do."""

from tests.resolvers.conftest import clock, service

__all__ = ["clock", "service"]
