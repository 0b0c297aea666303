"""Documents are bounded before anything of them runs."""

from __future__ import annotations

import time

import httpx
import pytest

from graph import documents
from graph.documents import MAX_CACHED_LENGTH, MAX_DEPTH, MAX_FIELDS, MAX_TOKENS
from graph.schema import schema
from tests.graph.test_http import only_error, post

CORE = schema._schema


async def refusal(door: httpx.AsyncClient, query: str) -> tuple[str, str]:
    error = only_error(await post(door, {"query": query}))
    return error["extensions"]["code"], error["message"]


def nested(depth: int) -> str:
    return "{ a" * depth + " }" * depth


async def test_document_of_too_many_words_is_refused(door: httpx.AsyncClient) -> None:
    code, message = await refusal(door, "{ " + "a " * MAX_TOKENS + "}")
    assert code == "GRAPHQL_PARSE_FAILED"
    assert f"more than {MAX_TOKENS} tokens" in message


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100])
async def test_fields_nested_too_deeply_are_refused(door: httpx.AsyncClient, depth: int) -> None:
    code, message = await refusal(door, nested(depth))
    assert (code, message) == (
        "BAD_INPUT",
        f"expected at most {MAX_DEPTH} levels of fields, got more",
    )


@pytest.mark.parametrize("opening", ["{ a ", "{ a(b: [", "{ a(b: {c: "])
async def test_document_nested_beyond_any_stack_is_refused(
    door: httpx.AsyncClient, opening: str
) -> None:
    code, message = await refusal(door, opening + opening[-3:] * 9_000)
    assert code in ("GRAPHQL_PARSE_FAILED", "BAD_INPUT")
    assert len(message) < 1_100


async def test_too_many_fields_are_refused(door: httpx.AsyncClient) -> None:
    aliases = " ".join(f"a{number}: __typename" for number in range(MAX_FIELDS + 1))
    code, message = await refusal(door, f"{{ {aliases} }}")
    assert (code, message) == ("BAD_INPUT", f"expected at most {MAX_FIELDS} fields, got more")


async def test_fragments_that_double_again_and_again_are_measured_at_once(
    door: httpx.AsyncClient,
) -> None:
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200)] + [
        "fragment F200 on Query { __typename }"
    ]
    began = time.perf_counter()
    code, message = await refusal(door, "{ ...F0 }" + " ".join(fragments))
    assert (code, message) == ("BAD_INPUT", f"expected at most {MAX_FIELDS} fields, got more")
    assert time.perf_counter() - began < 5


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
    assert documents.prepare(CORE, query) is documents.prepare(CORE, query)


def test_long_document_is_not_kept() -> None:
    query = f"{{ __typename }} # {'x' * MAX_CACHED_LENGTH}"
    assert documents.prepare(CORE, query) is not documents.prepare(CORE, query)
