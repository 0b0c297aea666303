"""Documents are parsed and validated once, and told of what is wrong with them."""

from __future__ import annotations

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
