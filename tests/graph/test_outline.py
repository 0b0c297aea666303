"""An outline counts what graphql-core's own tree has, without making one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    Token,
    TokenKind,
    get_introspection_query,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.limits import DocumentLimits
from graph.outline import outline_of

WIDE = DocumentLimits(
    max_document_length=10**6,
    max_tokens=10**6,
    max_depth=50,
    max_fields=10**6,
    max_root_fields=10**6,
    max_aliases=10**6,
    max_directives=10**6,
    max_fragments=300,
)

DOCUMENTS = [
    get_introspection_query(),
    "{ a }",
    "query Q ($a: [Int!]! = [1 2] @d, $b: In = {a: {b: 1}}) @e(x: {y: 1}) { x: a(b: $b) @f { c } }",
    "query query { query: fragment on: mutation { on subscription { fragment } } }",
    "subscription on { on }",
    "{ ... on on { on } ...on2 } fragment on2 on fragment { type: on @on }",
    "{ ... @include(if: true) { a ... { b: c } } ... on T @d(a: [{b: 1}]) { e { ... { f } } } }",
    '{ a(b: "{ x: y ...F } # \\" ( ", c: """ { "quoted" \\""" } ( """) # { comment ... @ : "\n b }',
    "{,a,,b,}\ufeff#\r\n{ c }",
    "{ ...A ...A b { ...A } } fragment A on T { ...B c } fragment B on T { x: d { e } ...C }"
    " fragment C on T { __type { name } }",
    "query A { a } query B { b { c } } fragment F on T { d { e { f { g } } } }",
    "{ a } fragment F on T { b { ...G } } fragment G on T { c { d } }",
    "mutation { a(b: -1.5e+3, c: $d, e: ENUM, f: null) { g } }",
]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_outline_is_that_of_the_tree(text: str) -> None:
    assert counted(text) == of_tree(parse(text))


def test_values_inside_one_another_are_counted_apart_from_fields() -> None:
    limits = DocumentLimits()
    most = limits.max_value_depth
    outline_of("{ a(b: " + "[" * most + "]" * most + ") }", limits)
    with pytest.raises(GraphQLError, match=f"at most {most} values inside one another") as error:
        outline_of("{ a(b: " + "[" * (most + 1), limits)
    assert error.value.extensions == {
        "code": "LIMIT_EXCEEDED",
        "setting": "MAX_VALUE_DEPTH",
        "limit": most,
    }


_name = st.sampled_from(["a", "on", "fragment", "query", "_x1"])
_directive = st.sampled_from(["", " @d", ' @d(a: {b: [1, "}"]})'])


def _sets(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    field = st.builds("{} : {}{}{}".format, _name, _name, _directive, inner)
    plain = st.builds("{}(x: {{y: [$v]}}){}{}".format, _name, _directive, inner)
    inline = st.builds("... {}{}{}".format, st.sampled_from(["", "on T"]), _directive, inner)
    spread = st.sampled_from(["...F", "...G"])
    selection = st.one_of(field, plain, inline.filter(lambda text: "{ " in text), spread)
    return st.lists(selection, min_size=1, max_size=4).map(
        lambda all_: "{ " + " ".join(all_) + " }"
    )


_selections = st.recursive(st.just("{ a }"), _sets, max_leaves=8)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(_selections, _selections, _selections)
def test_outline_is_that_of_the_tree_for_any_document(one: str, other: str, third: str) -> None:
    without_spreads = third.replace("...F", "c").replace("...G", "c")
    text = (
        f"query ($v: Int = 1) @d {one} "
        f"fragment F on T {other.replace('...F', 'c')} fragment G on T {without_spreads}"
    )
    assert counted(text) == of_tree(parse(text))


def test_tokens_are_those_of_the_parser() -> None:
    for text in DOCUMENTS:
        tokens = _tokens(text)
        outline_of(text, replace(WIDE, max_tokens=tokens))
        with pytest.raises(GraphQLError, match="MAX_TOKENS"):
            outline_of(text, replace(WIDE, max_tokens=tokens - 1))


def _tokens(text: str) -> int:
    """Comments are some as well."""
    lexer = Lexer(Source(text))
    token: Token | None = lexer.token
    while lexer.advance().kind is not TokenKind.EOF:
        pass
    tokens = 0
    while token and (token := token.next) and token.kind is not TokenKind.EOF:
        tokens += 1
    return tokens


@pytest.mark.parametrize(
    "text",
    [
        "{ a }" + " " * 32_000,
        "{ a }" + "# \n" * 10_000,
        "{ a " + '"""\n\\' * 900 + "x" * 26_000,
        '{ a(b: "' + "x" * 32_000,
        "{ " + "a \n" * 8_000 + "}",
    ],
    ids=["spaces", "comments", "texts without an end", "a text without an end", "words"],
)
def test_outline_takes_no_longer_than_parsing_would(text: str) -> None:
    def seconds(read: Callable[[], object]) -> float:
        began = time.process_time()
        with suppress(GraphQLError):
            read()
        return time.process_time() - began

    assert seconds(partial(outline_of, text, WIDE)) < 2 * seconds(partial(parse, text)) + 0.01


def test_fragment_that_stands_deeper_has_no_fields_of_the_operation() -> None:
    few = replace(WIDE, max_root_fields=1)
    outline_of("{ a { ...F } } fragment F on T { a b c }", few)
    with pytest.raises(GraphQLError, match="MAX_ROOT_FIELDS"):
        outline_of("{ ...F } fragment F on T { a b c }", few)


def counted(text: str) -> Counter[str]:
    outline = outline_of(text, WIDE)
    names = ("depth", "fields", "root_fields", "aliases", "directives", "fragments")
    found = Counter({name: getattr(outline.whole, name) for name in names})
    found["introspects"] = outline.introspects
    return found


class _Tree:
    """The same by graphql-core's tree, the plain way."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self.introspects = False

    def of(self, selections: SelectionSetNode | None, level: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for node in selections.selections if selections else ():
            inner = self._one(node, level)
            depth = max(found["depth"], inner["depth"])
            found += inner
            found["depth"] = depth
        return found

    def definition(
        self, node: OperationDefinitionNode | FragmentDefinitionNode, level: int
    ) -> Counter[str]:
        found = self.of(node.selection_set, level)
        found["directives"] += len(node.directives or ())
        return found

    def _one(self, node: object, level: int) -> Counter[str]:
        match node:
            case FieldNode():
                found = self.of(node.selection_set, level + 1)
                found["depth"] = max(found["depth"], level)
                self.introspects |= node.name.value in ("__schema", "__type")
                own = {"fields": 1, "root_fields": level == 1, "aliases": node.alias is not None}
            case InlineFragmentNode():
                found, own = self.of(node.selection_set, level), {"fragments": 1}
            case FragmentSpreadNode():
                found, own = (
                    self.definition(self.fragments[node.name.value], level),
                    {"fragments": 1},
                )
            case _:
                raise AssertionError(node)
        return found + Counter({**own, "directives": len(node.directives or ())})


def of_tree(document: DocumentNode) -> Counter[str]:
    tree = _Tree(document)
    operations = [
        tree.definition(node, 1)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    whole = Counter({name: sum(one[name] for one in operations) for name in operations[0]})
    for name in ("depth", "root_fields"):
        whole[name] = max(one[name] for one in operations)
    alone = [tree.of(node.selection_set, 1) for node in tree.fragments.values()]
    whole["depth"] = max(whole["depth"], *(one["depth"] for one in alone), 0)
    # What nobody spreads has to be validated all the same.
    written = Counter[str]()
    for definition in _definitions(document):
        written += _written(definition.selection_set)
        written["directives"] += len(definition.directives or ())
    for name in ("fields", "aliases", "directives", "fragments"):
        whole[name] = max(whole[name], written[name])
    whole["introspects"] = tree.introspects
    return whole


def _definitions(
    document: DocumentNode,
) -> list[OperationDefinitionNode | FragmentDefinitionNode]:
    kinds = (OperationDefinitionNode, FragmentDefinitionNode)
    return [node for node in document.definitions if isinstance(node, kinds)]


def _written(selections: SelectionSetNode | None) -> Counter[str]:
    """What stands in a selection set, no fragment spread."""
    found = Counter[str]()
    for node in selections.selections if selections else ():
        is_field = isinstance(node, FieldNode)
        found["fields" if is_field else "fragments"] += 1
        found["aliases"] += isinstance(node, FieldNode) and node.alias is not None
        found["directives"] += len(node.directives or ())
        found += _written(getattr(node, "selection_set", None))
    return found
