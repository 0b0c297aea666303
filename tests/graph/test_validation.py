"""Our walk finds what graphql-core's own finds: the same errors, in the same order."""

from __future__ import annotations

import pytest
from graphql import GraphQLSyntaxError, get_introspection_query, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.schema import schema
from graph.validation import RULES, errors_in

DOCUMENTS = [
    get_introspection_query(),
    "{ __typename }",
    "query A ($n: Int = 5 $s: [RunStatus!] $on: Boolean!) { runs(first: $n, filter: {statuses: $s})"
    " { nodes { id @include(if: $on) ...R ... on Run @skip(if: $on) { status } } } }"
    " fragment R on Run { id agent { runs(first: $n) { totalCount } } }",
    'mutation { heartbeat(input: {runId: "run_x"}) { intervalSeconds userErrors { code } } }',
    'subscription { logLines(runId: "run_x") { __typename } }',
]

#: Each breaks a rule, or several.
INVALID = [
    "type Run { id: ID } { viewer { name } }",
    "subscription { nosuch } mutation A { nosuch }",
    "query A { __typename } query A { __typename }",
    "{ __typename } query A { __typename }",
    'subscription { a: logLines(runId: "x") { end } b: logLines(runId: "y") { end } }',
    "query ($a: Nosuch) { node(id: $a) { ... on Missing { id } } }",
    "{ ...A ...B } fragment A on RunStatus { id } fragment B on RunFilter { id }",
    "query ($a: Run) { runs(first: $a) { totalCount } }",
    "{ runs viewer { name { first } } __typename { x } }",
    "{ vewer { name } runs { nodes { idd } } }",
    "{ ...A } fragment A on Query { __typename } fragment A on Query { __typename }",
    "{ ...Missing } fragment Unused on Run { id }",
    "{ viewer { ...A ... on Query { __typename } } } fragment A on Run { id }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "query ($a: Int $a: Int) { runs(first: $a) { totalCount } }",
    "query ($unused: Int) { runs(first: $undefined) { totalCount } }",
    "query @skip(if: true) { viewer @nosuch @include { name @skip(if: 1, no: 2) } }",
    "{ viewer { name @include(if: true) @include(if: true) } }",
    "{ runs(frst: 1, last: 2, last: 3) { totalCount } }",
    '{ runs(first: "1", filter: {statusess: [RUNNING], statuses: [NOSUCH, 1]}) { totalCount } }',
    "{ run { id } node(id: null) { id } }",
    "query ($a: String $b: Int) { runs(first: $a) { totalCount } run(id: $b) { id } }",
    "{ runs { nodes { a: id a: status } } runs(first: 2) { nodes { id } } }",
    "{ runs(filter: {statuses: [], statuses: []}) { totalCount } }",
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name"
    " } } } } } } } } } }",
    "{ " + " ".join(f"n{number}" for number in range(120)) + " }",
]


@pytest.mark.parametrize("text", DOCUMENTS + INVALID)
def test_the_same_is_found_as_by_graphql_core(text: str) -> None:
    assert found(text) == standard(text)


def test_corpus_has_valid_documents_and_breaks_rules() -> None:
    assert not any(found(text) for text in DOCUMENTS)
    assert all(found(text) for text in INVALID)


WORDS = [text.split() for text in DOCUMENTS[1:] + INVALID]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sampled_from(WORDS), st.data())
def test_the_same_is_found_where_words_are_moved_about(
    words: list[str], data: st.DataObject
) -> None:
    words = list(words)
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = (data.draw(st.integers(0, len(words) - 1)) for _ in range(2))
        words[one : one + 1] = data.draw(
            st.sampled_from([[], [words[other]], [words[one], words[other]], ["@skip"], ["$n"]])
        )
        if not words:
            return
    text = " ".join(words)
    try:
        parse(text)
    except GraphQLSyntaxError:
        return
    assert found(text) == standard(text)


def found(text: str) -> list[object]:
    return [error.formatted for error in errors_in(schema.graphql, parse(text), text)]


def standard(text: str) -> list[object]:
    return [error.formatted for error in validate(schema.graphql, parse(text), RULES)]
