"""The schema: what the service's door is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graph.documents import Documents
from graph.errors import tell_all
from graph.mutations.root import Mutation
from graph.query import Query
from graph.rows import Executor
from graph.scalars import SCALARS
from graph.subscriptions import Subscription
from graph.types.metrics_section import MetricsSection
from graph.types.table_section import TableSection
from graph.types.text_section import TextSection


class FreshContext(SchemaExtension):
    """Gives each operation a context of its own, also where many share a socket."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.context = self.execution_context.context.fresh()
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema, with our errors and without defaults that say nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _drop_null_defaults(self._schema)

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Called with the errors of every answer before it is sent."""
        tell_all(errors)


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """Take `= null` from arguments and inputs: to leave them out means the same.

    A default of None is how Python says that one may be left out.
    """
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            holders = list(type_.fields.values())
        elif isinstance(type_, GraphQLObjectType):
            holders = [arg for field in type_.fields.values() for arg in field.args.values()]
        else:
            continue
        for holder in holders:
            if holder.default_value is None:
                holder.default_value = Undefined


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[TextSection, TableSection, MetricsSection],
    config=StrawberryConfig(scalar_map=SCALARS),
    execution_context_class=Executor,
    extensions=[FreshContext, Documents],
)
