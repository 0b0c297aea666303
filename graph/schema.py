"""The schema: what the service's door is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    execute,
)
from graphql import ExecutionResult as GraphQLResult
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from graph.documents import Documents, operation_of
from graph.errors import tell_all
from graph.mutations.root import Mutation
from graph.query import Query
from graph.rows import Executor
from graph.scalars import SCALARS
from graph.subscriptions import Subscription
from graph.types.metrics_section import MetricsSection
from graph.types.table_section import TableSection
from graph.types.text_section import TextSection

#: What can be executed where nothing else is said.
_EXECUTABLE = frozenset({OperationType.QUERY, OperationType.MUTATION})


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

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation.

        A document with which nothing is wrong, for this viewer, goes straight to graphql-core:
        Strawberry's hooks around parsing, validating and executing, none of which it needs, take
        several times as long as what they surround. All others are told by Strawberry what is
        wrong with them.
        """
        found = operation_of(self._schema, query, operation_name, context_value.viewer)
        allowed = _EXECUTABLE if allowed_operation_types is None else allowed_operation_types
        if found is None or found[1] not in allowed:
            return await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )
        result = await self._completed(
            found[0],
            root_value=root_value,
            context_value=context_value.fresh(),
            variable_values=variable_values,
            operation_name=operation_name,
            operation_extensions=operation_extensions,
        )
        self.process_errors(result.errors or [])
        return ExecutionResult(data=result.data, errors=result.errors)

    async def _completed(self, document: DocumentNode, **given: Any) -> GraphQLResult:
        """graphql-core's result. It tells a resolver's error by itself; others are told here."""
        try:
            result = execute(
                self._schema,
                document,
                executor_class=Executor,
                is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
                **given,
            )
            return result if isinstance(result, GraphQLResult) else await result
        except GraphQLError as error:
            return GraphQLResult(None, [error])
        except Exception as error:
            return GraphQLResult(None, [GraphQLError(str(error), original_error=error)])

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
