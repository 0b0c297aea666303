"""Lists of rows, completed column by column.

graphql-core completes each field of each item by itself: its place in the answer, a resolver, a
check for something to await. That is most of what a log line costs on its way out. Where nothing
but plain attributes of leaf types is selected, as of log lines, the answer can be known for the
whole list: each column is read and coerced at once, for about a tenth of that.

Whatever is out of the ordinary, an error above all, is left to graphql-core, which tells it
exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, Self

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    is_leaf_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from graph.told_lines import TakenOut

#: Lists shorter than this are not worth the look.
MIN_ROWS = 4

TYPENAME = "__typename"


class NotPlain(Exception):
    """A value that is out of the ordinary."""


class _Column(NamedTuple):
    """One selected field."""

    key: str
    get: Callable[[Any], Any]
    coerce: Callable[[Any], Any]
    is_optional: bool


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with a short way through lists of rows, in and out."""

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> list[GraphQLError] | Self:
        """The executor, its variables coerced; or what is wrong with them."""

        def built(variables: dict[str, Any] | None) -> Any:
            return super(Executor, cls).build(
                schema, document, root_value, context_value, variables, *args, **kwargs
            )

        taken = TakenOut.of(raw_variable_values)
        if taken is not None:
            executor = built(taken.rest)
            if isinstance(executor, cls) and taken.put_back(schema, executor.variable_values):
                return executor
        whole: list[GraphQLError] | Self = built(raw_variable_values)
        return whole

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        item_type = _nullable(return_type.of_type)
        if (
            isinstance(item_type, GraphQLObjectType)
            and item_type.is_type_of is None
            and isinstance(result, list)
            and len(result) >= MIN_ROWS
            and not self._has_middleware
        ):
            fields, deferred, _ = self.collect_subfields(item_type, field_details_list)
            columns = None if deferred else _columns(item_type, fields)
            if columns is not None:
                try:
                    return _completed(columns, result)
                except Exception:
                    pass
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    @property
    def _has_middleware(self) -> bool:
        """Whether something wants to see each field: an extension that has `resolve`."""
        return bool(self.middleware_manager and self.middleware_manager.middlewares)


def _columns(type_: GraphQLObjectType, fields: Any) -> list[_Column] | None:
    """The columns of what is selected; None where it is not plain."""
    columns = []
    for key, details in fields.items():
        name = details[0].node.name.value
        if name == TYPENAME:
            columns.append(_Column(key, _constant(type_.name), _as_it_is, is_optional=False))
            continue
        field = type_.fields.get(name)
        attribute = _attribute(field) if field else None
        if field is None or attribute is None:
            return None
        leaf = _nullable(field.type)
        if not is_leaf_type(leaf):
            return None
        columns.append(_Column(key, attrgetter(attribute), _coercion(leaf), leaf is field.type))
    return columns


def _attribute(field: GraphQLField) -> str | None:
    """The attribute that a field without a resolver, a guard and arguments stands for."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or field.args:
        return None
    return definition.python_name if definition.is_basic_field else None


def _coercion(leaf: GraphQLLeafType) -> Callable[[Any], Any]:
    if leaf is GraphQLString:
        return _string
    if leaf is GraphQLInt:
        return _integer
    if isinstance(leaf, GraphQLEnumType):
        return _Names(leaf).__getitem__
    return leaf.coerce_output_value


class _Names(dict[Any, str]):
    """The names of an enum's values, each looked up once."""

    def __init__(self, enum: GraphQLEnumType) -> None:
        super().__init__()
        self._enum = enum

    def __missing__(self, value: Any) -> str:
        name = self[value] = self._enum.coerce_output_value(value)
        return name


def _completed(columns: Sequence[_Column], rows: list[Any]) -> list[dict[str, Any]]:
    """The rows as the answer has them. Raises whatever is wrong with one of them."""
    keys = [column.key for column in columns]
    values = [_values(column, rows) for column in columns]
    return [dict(zip(keys, row, strict=True)) for row in zip(*values, strict=True)]


def _values(column: _Column, rows: list[Any]) -> list[Any]:
    found = map(column.get, rows)
    if not column.is_optional:
        return list(map(column.coerce, found))
    return [None if value is None else column.coerce(value) for value in found]


def _string(value: Any) -> str:
    if type(value) is not str:
        raise NotPlain
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise NotPlain
    return value


def _as_it_is(value: Any) -> Any:
    return value


def _constant(value: str) -> Callable[[Any], str]:
    return lambda _: value


def _nullable(type_: GraphQLOutputType) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
