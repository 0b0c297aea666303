"""The schema: what the service's door is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
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
    get_operation_ast,
)
from graphql import ExecutionResult as GraphQLResult
from strawberry.exceptions import MissingQueryError
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from graph.bounds import bounded
from graph.context import Context
from graph.cost import check_variables
from graph.documents import Prepared, objections, without_suggestion
from graph.errors import LIMIT_EXCEEDED, code_of, tell_all
from graph.limits import DocumentLimits
from graph.mutations.root import Mutation
from graph.query import Query
from graph.reading import look_through, prepare
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

        It goes straight to graphql-core: Strawberry's hooks around parsing, validating and
        executing, none of which it needs, take several times as long as what they surround.
        Raises InvalidOperationTypeError and MissingQueryError, as Strawberry does.
        """
        if not query:
            raise MissingQueryError
        context: Context = context_value.fresh()
        allowed = _EXECUTABLE if allowed_operation_types is None else allowed_operation_types
        try:
            prepared, cost = await self.look_through(
                query, operation_name, variable_values, context
            )
            kind = _kind(prepared.document, operation_name)
            if kind and kind not in allowed:
                raise InvalidOperationTypeError(kind)
            refused = objections(prepared, operation_name, context.viewer, context.limits)
        except GraphQLError as error:
            refused = [error]
        except (ValueError, RecursionError) as error:
            refused = [GraphQLError(str(error), original_error=error)]
        if refused:
            await _give_way(refused, context.limits)
            return self._told(GraphQLResult(None, refused), context, {})
        execution = self._completed(
            prepared.document,
            root_value=root_value,
            context_value=context,
            variable_values=variable_values,
            operation_name=operation_name,
            operation_extensions=operation_extensions,
        )
        try:
            result = await bounded(context, kind is OperationType.QUERY, execution)
        except GraphQLError as error:
            await _give_way([error], context.limits)
            result = GraphQLResult(None, [error])
        return self._told(result, context, {"cost": cost})

    async def look_through(
        self,
        query: str,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: Context,
    ) -> tuple[Prepared, dict[str, int]]:
        """The document, and what its operation costs, as its client is told. Raises GraphQLError
        where it is none, or one of both is too much."""
        cost: dict[str, int] = {}

        def check(prepared: Prepared) -> None:
            cost.update(self._cost(prepared, operation_name, variables, context))

        return await look_through(self._schema, query, context.limits, check), cost

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

    def _told(
        self, result: GraphQLResult, context: Context, extensions: dict[str, Any]
    ) -> ExecutionResult:
        errors = self._fit(list(result.errors or ()), context)
        return ExecutionResult(result.data, errors or None, extensions)

    def _cost(
        self,
        prepared: Prepared,
        operation_name: str | None,
        variables: dict[str, Any] | None,
        context: Context,
    ) -> dict[str, int]:
        """What an operation costs, for its client. Raises GraphQLError where it is too much."""
        limits = context.limits
        if _kind(prepared.document, operation_name) is not OperationType.MUTATION:
            check_variables(variables, limits)
        requested = prepared.cost(operation_name, variables, limits)
        return {"requested": requested, "limit": limits.max_cost}

    # ------------------------------------------------------------ Strawberry's way

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Strawberry's way to parse and validate, with documents that were bounded before.

        An extension could not refuse one: over a WebSocket what it raises ends in a log, and what
        it leaves unparsed is parsed.
        """
        try:
            cost = await self._take_prepared(context) if context.query else None
            refusal = await super()._prepare_operation_async(context, extensions_runner)
        except GraphQLError as error:
            own: Context = context.context
            await _give_way([error], own.limits)
            return PreExecutionError(data=None, errors=[error])
        except CannotGetOperationTypeError:
            # It looks for the operation first, and repeats whatever name it was told.
            return PreExecutionError(data=None, errors=context.pre_execution_errors)
        # Events do not repeat what they cost.
        if refusal is None and context.operation_type is not OperationType.SUBSCRIPTION:
            context.extensions_results["cost"] = cost
        return refusal

    async def _take_prepared(self, context: ExecutionContext) -> dict[str, int]:
        """What the operation costs. Raises GraphQLError where that is too much, and where the query
        is no document or too large."""
        own: Context = context.context
        name = context._provided_operation_name
        prepared, cost = await self.look_through(context.query or "", name, context.variables, own)
        context.graphql_document = prepared.document
        context.pre_execution_errors = objections(prepared, name, own.viewer, own.limits)
        return cost

    async def _execute_operation(
        self, execution_context: ExecutionContext, *args: Any, **kwargs: Any
    ) -> Any:
        """Execute a query or a mutation, within its bounds."""
        context: Context = execution_context.context
        is_query = execution_context.operation_type is OperationType.QUERY
        execution = super()._execute_operation(execution_context, *args, **kwargs)
        try:
            return await bounded(context, is_query, execution)
        except GraphQLError as error:
            await _give_way([error], context.limits)
            return ExecutionResult(None, [error])

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Called with the errors of every answer before it is sent."""
        if execution_context is None:
            tell_all(errors)
        else:
            errors[:] = self._fit(errors, execution_context.context)

    @staticmethod
    def _fit(errors: list[GraphQLError], context: Context) -> list[GraphQLError]:
        """Errors as they are told to the viewer."""
        tell_all(errors)
        if context.viewer.role in context.limits.introspecting:
            return errors
        return list(map(without_suggestion, errors))


async def _give_way(refused: Sequence[GraphQLError], limits: DocumentLimits) -> None:
    """Let others go first where somebody asked for too much.

    To refuse takes as long as to answer something small: without a pause one connection on which
    too much is asked for, time and again, would take every other turn.
    """
    if any(code_of(error) == LIMIT_EXCEEDED for error in refused):
        await asyncio.sleep(limits.refusal_seconds)


def _kind(document: DocumentNode, operation_name: str | None) -> OperationType | None:
    """The kind of the operation that is meant; None where it cannot be known."""
    operation = get_operation_ast(document, operation_name)
    return OperationType(operation.operation.value) if operation else None


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


async def looked_through(query: str, limits: DocumentLimits) -> Prepared:
    """The same, so that to ask what is wrong with it holds up nobody."""
    return await look_through(schema.graphql, query, limits)
