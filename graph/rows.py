"""Lists of rows, completed column by column.

graphql-core completes each field of each item by itself: its place in the answer, a resolver, a
check for something to await. That is most of what a log line costs on its way out. Where nothing
but plain attributes of leaf types is selected, as of log lines, the answer can be known for the
whole list: each column is read and encoded at once, and the answer holds finished text
(graph/row_text.py).

Whatever is out of the ordinary, an error above all, is left to graphql-core, which tells it
exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple, Self

import orjson
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

from graph.row_text import NULL, Texts, integer_texts, is_one, rows_text, string_texts
from graph.scalars import DATE_TIME
from graph.told_lines import TakenOut
from live.log_lines import LogLines
from models.instants import Instants

#: What a value counts in an answer besides its text: its name, and what stands around both.
VALUE_BYTES = 16

#: Lists shorter than this are not worth the look.
MIN_ROWS = 4

TYPENAME = "__typename"


#: Encodes the values of one column; raises whatever is wrong with one of them.
Encode = Callable[[Sequence[Any]], Texts]


class _Column(NamedTuple):
    """One selected field: its key in the answer, and how its values are told."""

    key: str
    #: The attribute that holds them; None: they are all the same.
    attribute: str | None
    encode: Encode


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with a short way through lists of rows, in and out.

    It counts the bytes of the answer before they are there (resolvers/answer_size.py).
    """

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
            and isinstance(result, list | LogLines)
            and len(result) >= MIN_ROWS
            and not self._has_middleware
        ):
            fields, deferred, _ = self.collect_subfields(item_type, field_details_list)
            columns = None if deferred else _columns(item_type, fields)
            if columns is not None:
                try:
                    text = _completed(columns, result)
                except Exception:
                    pass
                else:
                    self.context_value.answer_size.tell(len(text))
                    return orjson.Fragment(text)
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_leaf_value(self, return_type: GraphQLLeafType, result: Any) -> Any:  # type: ignore[override]
        # Called for each value: `AnswerSize.tell` written out.
        size = self.context_value.answer_size
        size.told += VALUE_BYTES + (_bytes_of(result) if isinstance(result, str) else 0)
        if size.told > size.limit:
            size.exceed()
        return _complete_leaf_value(return_type, result)

    @property
    def _has_middleware(self) -> bool:
        """Whether something wants to see each field: an extension that has `resolve`."""
        return bool(self.middleware_manager and self.middleware_manager.middlewares)


_complete_leaf_value = StrawberryGraphQLCoreExecutionContext.complete_leaf_value


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _columns(type_: GraphQLObjectType, fields: Any) -> list[_Column] | None:
    """The columns of what is selected; None where it is not plain."""
    columns = []
    for key, details in fields.items():
        name = details[0].node.name.value
        if name == TYPENAME:
            columns.append(_Column(key, None, _constant(orjson.dumps(type_.name))))
            continue
        field = type_.fields.get(name)
        attribute = _attribute(field) if field else None
        if field is None or attribute is None:
            return None
        leaf = _nullable(field.type)
        if not is_leaf_type(leaf):
            return None
        encode = _encoding(leaf)
        columns.append(
            _Column(key, attribute, encode if field.type is not leaf else _or_null(encode))
        )
    return columns


def _attribute(field: GraphQLField) -> str | None:
    """The attribute that a field without a resolver, a guard and arguments stands for."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryField) or field.args:
        return None
    return definition.python_name if definition.is_basic_field else None


def _encoding(leaf: GraphQLLeafType) -> Encode:
    if leaf is GraphQLString:
        return string_texts
    if leaf is GraphQLInt:
        return integer_texts
    if isinstance(leaf, GraphQLEnumType):
        return _names_of(leaf).texts
    return partial(_leaf_texts, leaf)


def _leaf_texts(leaf: GraphQLLeafType, values: Sequence[Any]) -> Texts:
    if isinstance(values, Instants) and leaf.name == DATE_TIME.name:
        return Texts(values.texts(), b'"')
    return Texts([orjson.dumps(leaf.coerce_output_value(value)) for value in values])


def _constant(text: bytes) -> Encode:
    return lambda _: Texts(text)


def _or_null(encode: Encode) -> Encode:
    """The same for a column that may hold nulls."""

    def with_nulls(values: Sequence[Any]) -> Texts:
        present = [value for value in values if value is not None]
        if len(present) == len(values):
            return encode(values)
        if not present:
            return Texts(NULL)
        texts, quote = encode(present)
        told = repeat(texts) if isinstance(texts, bytes) else iter(texts)
        return Texts([NULL if v is None else quote + next(told) + quote for v in values])

    return with_nulls


class _Names(dict[Any, bytes]):
    """The names of an enum's values in JSON, each looked up once."""

    def __init__(self, enum: GraphQLEnumType) -> None:
        super().__init__()
        self._enum = enum

    def __missing__(self, value: Any) -> bytes:
        name = self[value] = orjson.dumps(self._enum.coerce_output_value(value))
        return name

    def texts(self, values: Sequence[Any]) -> Texts:
        return Texts(self[values[0]] if is_one(values) else [self[value] for value in values])


_names_of = cache(_Names)


def _completed(columns: Sequence[_Column], rows: Sequence[Any]) -> bytes:
    """The rows as the answer has them. Raises whatever is wrong with one of them."""
    told = ((key, encode(_values(rows, name))) for key, name, encode in columns)
    return rows_text(told, len(rows))


def _values(rows: Sequence[Any], attribute: str | None) -> Sequence[Any]:
    if attribute is None:
        return ()
    if isinstance(rows, LogLines):
        return rows.column(attribute)
    return list(map(attrgetter(attribute), rows))


def _nullable(type_: GraphQLOutputType) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
