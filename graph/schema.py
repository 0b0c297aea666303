"""The schema: what the service's door is made of."""

from __future__ import annotations

import asyncio
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
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.documents import Prepared, cost, objections, prepare, without_suggestion
from graph.errors import tell_all, took_too_long
from graph.limits import DocumentLimits
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

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Strawberry's way to parse and validate, with documents that were bounded before.

        An extension could not refuse one: over a WebSocket what it raises ends in a log, and what
        it leaves unparsed is parsed.
        """
        try:
            prepared = self._take_prepared(context) if context.query else None
            refusal = await super()._prepare_operation_async(context, extensions_runner)
            if refusal is None and prepared is not None:
                self._tell_cost(context, prepared)
        except GraphQLError as error:
            return PreExecutionError(data=None, errors=[error])
        return refusal

    def _take_prepared(self, context: ExecutionContext) -> Prepared:
        """Raises GraphQLError where the query is no document, or too large."""
        own: Context = context.context
        prepared = prepare(self._schema, context.query or "", own.limits)
        name = context._provided_operation_name
        context.graphql_document = prepared.document
        context.pre_execution_errors = objections(prepared, name, own.viewer, own.limits)
        return prepared

    def _tell_cost(self, context: ExecutionContext, prepared: Prepared) -> None:
        """Raises GraphQLError where it is too much. Events do not repeat what they cost."""
        limits: DocumentLimits = context.context.limits
        name = context._provided_operation_name
        requested = cost(self._schema, prepared, name, context.variables, limits)
        if context.operation_type is not OperationType.SUBSCRIPTION:
            told = {"requested": requested, "limit": limits.max_cost}
            context.extensions_results["cost"] = told

    async def _execute_operation(
        self, execution_context: ExecutionContext, *args: Any, **kwargs: Any
    ) -> Any:
        """Execute a query or a mutation, for as long as it may take."""
        seconds = execution_context.context.limits.max_operation_seconds
        try:
            async with asyncio.timeout(seconds):
                return await super()._execute_operation(execution_context, *args, **kwargs)
        except TimeoutError:  # ours: what fields raise stands in the result
            is_query = execution_context.operation_type is OperationType.QUERY
            return ExecutionResult(None, [took_too_long(seconds, is_query)])

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Called with the errors of every answer before it is sent."""
        tell_all(errors)
        if execution_context and not self._may_introspect(execution_context.context):
            errors[:] = map(without_suggestion, errors)

    @staticmethod
    def _may_introspect(context: Context) -> bool:
        return context.viewer.role in context.limits.introspecting


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
    extensions=[FreshContext],
)


def prepared(query: str, limits: DocumentLimits) -> Prepared:
    """A document of this schema. Raises GraphQLError where it is none, or too large."""
    return prepare(schema.graphql, query, limits)
