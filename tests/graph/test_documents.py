"""Documents are parsed and validated once, and told of what is wrong with them."""

from __future__ import annotations

import gc
import weakref

import httpx
import pytest

from graph.documents import MAX_CACHED_LENGTH, Prepared, prepare
from graph.limits import DOCUMENT_LIMITS
from graph.schema import schema
from tests.graph.test_http import post


def prepared(query: str) -> Prepared:
    return prepare(schema.graphql, query, DOCUMENT_LIMITS)


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Missing }",
    ],
)
async def test_fragments_that_cannot_be_are_told_of(door: httpx.AsyncClient, query: str) -> None:
    answer = (await post(door, {"query": query})).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {
        "GRAPHQL_VALIDATION_FAILED"
    }


def test_document_is_prepared_once() -> None:
    query = "query Once { __typename }"
    assert prepared(query) is prepared(query)


def test_long_document_is_not_kept() -> None:
    query = f"{{ __typename }} # {'x' * MAX_CACHED_LENGTH}"
    assert prepared(query) is not prepared(query)


class _Body:
    """Something large that came with a request."""


@pytest.mark.parametrize(
    "query",
    [
        '{ runs(filter: {startedAt: {from: "yesterday"}}) { totalCount } }',
        "{ run(id: 0.5) { id } }",
        "{ nosuch }",
    ],
)
def test_bad_document_that_is_kept_holds_nothing_of_who_sent_it(query: str) -> None:
    def ask() -> weakref.ref[_Body]:
        body = _Body()
        assert prepared(query).errors
        return weakref.ref(body)

    body = ask()
    gc.collect()
    assert body() is None
    assert prepared(query).errors[0].message
