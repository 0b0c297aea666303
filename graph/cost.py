"""What an operation may cost: how many values its largest answer has.

Each field counts once for each row that it may stand in. Connections have as many rows as `first`
or `last` asks for, with the variables that came, or as their default; other lists have no number
beforehand, and are taken for LIST_ROWS. What reads the database once more for each row that it
stands in weighs STATEMENT. So pages inside pages multiply, whatever the data are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
    is_composite_type,
)

from graph.errors import limit_exceeded
from graph.json_text import holds_more
from graph.limits import DocumentLimits
from resolvers.pages import DEFAULT_PAGE
from resolvers.read_logs import DEFAULT_LINES

#: Rows of a list without a page: the steps of a run, the types of an introspection.
LIST_ROWS = 5
#: What a statement of its own weighs, in fields that are only read from a row.
STATEMENT = 10
#: Arguments that say how many rows there are.
PAGE_ARGUMENTS = ("first", "last")
IDS_ARGUMENT = "ids"
_SIZING = frozenset({*PAGE_ARGUMENTS, IDS_ARGUMENT})
#: The connection whose pages are those of a log.
LOG_CONNECTION = "LogLineConnection"
#: Fields without a page that ask the database for their own value.
_COUNTING = {"totalCount"}
_STATISTICS = "RunStats"
_META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any] | None,
    limits: DocumentLimits,
) -> int:
    """The cost of an operation. Raises GraphQLError where it is too much.

    The document need not be valid: what the schema does not have counts as one value, and the rest
    is left for validation to tell, which takes many times as long.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return 0
    root = schema.get_root_type(operation.operation)
    pricing = _Pricing(schema, fragments_of(document), _given(operation, variables or {}), limits)
    cost = pricing.of(operation.selection_set, root, None)
    if cost > limits.max_cost:
        raise limit_exceeded(
            "MAX_COST", limits.max_cost, f"a cost of at most {limits.max_cost}", cost
        )
    return cost


def check_variables(variables: Mapping[str, Any] | None, limits: DocumentLimits) -> None:
    """Bound the values that a query or a subscription is told: to bring them into the form that its
    arguments take, before any of them is looked at, takes some microseconds each.

    Raises GraphQLError.
    """
    most = limits.max_variable_values
    if holds_more(variables, most):
        raise limit_exceeded("MAX_VARIABLE_VALUES", most, f"variables of at most {most} values")


def sizing_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that say how many rows there are."""
    return tuple(sorted(set(_sizing(document))))


def _sizing(document: DocumentNode) -> Iterator[str]:
    sets = [getattr(definition, "selection_set", None) for definition in document.definitions]
    while sets:
        selections = sets.pop()
        for node in selections.selections if selections else ():
            sets.append(getattr(node, "selection_set", None))
            for argument in getattr(node, "arguments", None) or ():
                if argument.name.value in _SIZING and isinstance(argument.value, VariableNode):
                    yield argument.value.name.value


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """By name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }


def _given(
    operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Mapping[str, ValueNode | Any]:
    """The variables that came, and the defaults of the others."""
    defaults = {
        definition.variable.name.value: definition.default_value
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    return {**defaults, **variables}


@dataclass(frozen=True, slots=True)
class _Pricing:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    limits: DocumentLimits
    #: What a fragment costs once, by its name and the rows of the connection that it is spread in:
    #: each is priced once, however often it is spread.
    priced: dict[tuple[str, int | None], int] = field(default_factory=dict)

    def of(
        self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None, rows: int | None
    ) -> int:
        """The cost of what is selected once; `rows` are those of the connection that it is of."""
        cost = 0
        for node in selections.selections if selections else ():
            match node:
                case FieldNode():
                    cost += self._field(node, parent, rows)
                case InlineFragmentNode(type_condition=condition):
                    type_ = self._type(condition) if condition else parent
                    cost += self.of(node.selection_set, type_, rows)
                case FragmentSpreadNode():
                    cost += self._fragment(node.name.value, rows)
        return cost

    def _fragment(self, name: str, rows: int | None) -> int:
        if (name, rows) not in self.priced:
            self.priced[name, rows] = 0  # for one that spreads itself
            if fragment := self.fragments.get(name):
                type_ = self._type(fragment.type_condition)
                self.priced[name, rows] = self.of(fragment.selection_set, type_, rows)
        return self.priced[name, rows]

    def _type(self, condition: NamedTypeNode) -> GraphQLNamedType | None:
        """The type that a fragment is of, if it is one that has fields."""
        type_ = self.schema.get_type(condition.name.value)
        return type_ if is_composite_type(type_) else None

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, rows: int | None) -> int:
        name = node.name.value
        field = _META.get(name) or getattr(parent, "fields", {}).get(name)
        if field is None:  # __typename, or none
            return 1
        own = STATEMENT if _reads(field, name, parent) else 1
        told = self._rows(node, field)
        inner = get_named_type(field.type)
        if not _is_list(field):
            return own + self.of(node.selection_set, inner, told)
        count = told if told is not None else rows if rows is not None else LIST_ROWS
        return own + count * self.of(node.selection_set, inner, None)

    def _rows(self, node: FieldNode, field: GraphQLField) -> int | None:
        """How many rows its arguments ask for; None where it has none that do."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if IDS_ARGUMENT in given:
            return self._length(given[IDS_ARGUMENT])
        if not any(name in field.args for name in PAGE_ARGUMENTS):
            return None
        told = [self._page(name, given[name], field) for name in PAGE_ARGUMENTS if name in given]
        known = [number for number in told if number is not None]
        is_log = get_named_type(field.type).name == LOG_CONNECTION
        return max(known, default=DEFAULT_LINES if is_log else DEFAULT_PAGE)

    def _page(self, name: str, node: ValueNode, field: GraphQLField) -> int | None:
        """A page's size; None where it is not told. Raises GraphQLError where it is too much."""
        value = self._value(node)
        if type(value) is not int or not -(2**31) <= value < 2**31:
            return None  # no Int, as is told when it is executed
        is_log = get_named_type(field.type).name == LOG_CONNECTION
        setting = "max_log_page_size" if is_log else "max_page_size"
        allowed: int = getattr(self.limits, setting)
        if value > allowed:
            expected = f"a number from 1 to {allowed}"
            raise limit_exceeded(setting.upper(), allowed, expected, value, name)
        return max(value, 0)

    def _length(self, node: ValueNode) -> int:
        value = self._value(node)
        if isinstance(value, ListValueNode):
            return len(value.values)
        return len(value) if isinstance(value, list) else 1

    def _value(self, node: Any) -> Any:
        """A number, a list, or something else."""
        if isinstance(node, VariableNode):
            node = self.variables.get(node.name.value)
        return int(node.value) if isinstance(node, IntValueNode) else node


def _is_list(field: GraphQLField) -> bool:
    type_ = field.type
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def _reads(field: GraphQLField, name: str, parent: GraphQLNamedType | None) -> bool:
    """Whether the field asks the database by itself, once for each row that it stands in."""
    if name in _COUNTING or (parent is not None and parent.name == _STATISTICS):
        return True
    return any(argument in field.args for argument in PAGE_ARGUMENTS)
