"""Documents are parsed and validated once, and told of what is wrong with them."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import httpx
import pytest
from graphql import GraphQLError, GraphQLSyntaxError

from graph import validation
from graph.documents import Prepared
from graph.limits import DOCUMENT_LIMITS, DocumentLimits
from graph.reading import (
    MAX_AT_ONCE,
    MAX_CACHED,
    MAX_CACHED_LENGTH,
    MAX_NEW,
    look_through,
    prepare,
)
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


def test_document_that_is_sent_again_is_kept_whatever_others_send_once() -> None:
    often, once = "query Often { __typename }", "query Seldom { __typename }"
    kept = [prepared(often), prepared(often), prepared(once)]
    for number in range(MAX_CACHED + MAX_NEW):
        prepared(f"query New{number} {{ __typename }}")
    assert prepared(often) is kept[0]
    assert prepared(once) is not kept[2]


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


def large(name: str) -> str:
    """Large enough to be read beside the loop, and new by its name."""
    return f"query {name} {{ runs {{ nodes {{ {'id ' * (MAX_AT_ONCE // 3)} }} }} }}"


async def looked_through(query: str, limits: DocumentLimits = DOCUMENT_LIMITS) -> Prepared:
    def check(prepared: Prepared) -> None:
        prepared.cost(None, None, limits)

    return await look_through(schema.graphql, query, limits, check)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each validation, where it ran."""
    import graph.documents as module

    found: list[int] = []

    def errors_in(*told: Any) -> Any:
        found.append(threading.get_ident())
        return validation.errors_in(*told)

    monkeypatch.setattr(module, "errors_in", errors_in)
    return found


async def test_large_document_that_is_new_is_read_beside_the_loop(threads: list[int]) -> None:
    prepared = await looked_through(large("Large"))
    assert prepared.is_validated
    assert not prepared.errors
    assert threads
    assert threading.get_ident() not in threads


async def test_large_document_that_is_known_is_told_at_once(threads: list[int]) -> None:
    first = await looked_through(large("Known"))
    again = looked_through(large("Known"))
    with pytest.raises(StopIteration) as told:
        again.send(None)  # without giving way to the loop
    assert told.value.value is first
    assert len(threads) == 1


async def test_small_document_is_read_at_once(threads: list[int]) -> None:
    with pytest.raises(StopIteration) as told:
        looked_through("query Small { nosuch }").send(None)
    assert told.value.value.errors
    assert threads == [threading.get_ident()]


@pytest.mark.parametrize("limits", [DocumentLimits(max_fields=100), DocumentLimits(max_cost=100)])
async def test_large_document_that_is_too_much_is_not_validated(
    threads: list[int], limits: DocumentLimits
) -> None:
    with pytest.raises(GraphQLError, match="MAX_"):
        await looked_through(large("Greedy"), limits)
    assert threads == []


async def test_large_document_waits_for_its_turn_no_longer_than_an_operation_may() -> None:
    done = threading.Event()
    busy = asyncio.create_task(
        look_through(schema.graphql, large("Busy"), DOCUMENT_LIMITS, lambda _: done.wait(20))
    )
    await asyncio.sleep(0)
    with pytest.raises(GraphQLError, match="MAX_OPERATION_SECONDS"):
        await looked_through(large("Late"), DocumentLimits(max_operation_seconds=0.01))
    done.set()
    assert (await busy).is_validated


async def test_large_text_that_is_no_document_is_told_so() -> None:
    with pytest.raises(GraphQLSyntaxError):
        await looked_through(large("Open").rstrip("}"))
