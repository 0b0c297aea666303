"""A greedy document is refused before anything of it runs; the error says by which limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from graphql import get_introspection_query

from graph.limits import DOCUMENT_LIMITS, BadLimit, DocumentLimits
from live.hub import Hub
from models.database import database
from resolvers.service import Service
from tests.graph.support import Api, connected
from tests.support.statements import recorded

LIMITS = DocumentLimits(
    max_document_length=2_048,
    max_tokens=400,
    max_depth=6,
    max_variable_values=100,
    max_value_depth=8,
    max_fields=40,
    max_root_fields=5,
    max_aliases=10,
    max_directives=10,
    max_fragments=20,
    max_cost=5_000,
    max_page_size=50,
    max_log_page_size=100,
    refusal_seconds=0,
)


@asynccontextmanager
async def served(url: str, limits: DocumentLimits = DOCUMENT_LIMITS) -> AsyncIterator[Api]:
    async with database(url), connected(Service(hub=Hub()), limits=limits) as api:
        yield api


NAMES = "nodes { id inputs status url }"
BOMB = "{ ...F0 } " + " ".join(
    [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(9)]
    + ["fragment F9 on Query { viewer { name } }"]
)

#: What is sent, its variables, and the setting that it breaks.
GREEDY: dict[str, tuple[str, dict[str, Any], str]] = {
    "a long document": ("{ viewer { name } } # " + "x" * 2_048, {}, "MAX_DOCUMENT_LENGTH"),
    "a document of many words": ("{ runs(first: [" + "1 " * 400 + "]) }", {}, "MAX_TOKENS"),
    "a number of many digits": ("{ runs(first: " + "9" * 500 + ") }", {}, "MAX_NUMBER_LENGTH"),
    "fields inside one another": (
        "{ runs { nodes { agent { runs { nodes { agent { id } } } } } } }",
        {},
        "MAX_DEPTH",
    ),
    "lists inside one another": (
        "{ runs(first: " + "[" * 9 + "]" * 9 + ") }",
        {},
        "MAX_VALUE_DEPTH",
    ),
    "lists of many values": (
        "query ($names: [String!]) { runs(filter: {agentNames: $names}) { nodes { id } } }",
        {"names": ["x"] * 100},
        "MAX_VARIABLE_VALUES",
    ),
    "values that no argument takes": (
        "query ($names: [String!]) { runs(filter: {agentNames: $names}) { nodes { id } } }",
        {"other": [[{"a": 1}] for _ in range(50)]},
        "MAX_VARIABLE_VALUES",
    ),
    "empty braces inside one another": ("{ viewer " + "{ ... " * 30 + "}" * 31, {}, "MAX_DEPTH"),
    "many fields": ("{ runs { " + "nodes { id } " * 20 + "} }", {}, "MAX_FIELDS"),
    "many fields that nobody spreads": (
        "{ viewer { name } } fragment F on Run { " + "id " * 40 + "}",
        {},
        "MAX_FIELDS",
    ),
    "many calls": ("{ " + "viewer { name } " * 6 + "}", {}, "MAX_ROOT_FIELDS"),
    "many calls in a fragment": (
        "{ ... { ...F } } fragment F on Query { " + "viewer { name } " * 6 + "}",
        {},
        "MAX_ROOT_FIELDS",
    ),
    "many aliases": (
        "{ viewer { " + " ".join(f"a{n}: name" for n in range(100)) + " } }",
        {},
        "MAX_ALIASES",
    ),
    "many directives": (
        "{ viewer { name " + "@include(if: true) " * 11 + "} }",
        {},
        "MAX_DIRECTIVES",
    ),
    "many fragments": (
        "{ " + "... { viewer { name } } " * 5 + "... {} " * 16 + "}",
        {},
        "MAX_FRAGMENTS",
    ),
    "fragments that double again and again": (BOMB, {}, "MAX_FRAGMENTS"),
    "pages inside pages": (
        f"{{ agents(first: 50) {{ nodes {{ runs(first: 50) {{ {NAMES} }} }} }} }}",
        {},
        "MAX_COST",
    ),
    "pages inside pages by variables": (
        f"query ($n: Int!) {{ agents(first: $n) {{ nodes {{ runs(first: $n) {{ {NAMES} }} }} }} }}",
        {"n": 50},
        "MAX_COST",
    ),
    "pages inside pages by defaults": (
        "query ($n: Int = 50) { agents(first: $n) "
        f"{{ nodes {{ runs(first: $n) {{ {NAMES} }} }} }} }}",
        {},
        "MAX_COST",
    ),
    "a large page": ("{ runs(first: 51) { nodes { id } } }", {}, "MAX_PAGE_SIZE"),
    "a large page by a variable": (
        "query ($n: Int) { runs(last: $n) { nodes { id } } }",
        {"n": 51},
        "MAX_PAGE_SIZE",
    ),
    "a large page of a log": (
        '{ run(id: "run_0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c") '
        "{ logs(last: 101) { nodes { message } } } }",
        {},
        "MAX_LOG_PAGE_SIZE",
    ),
}


@pytest.mark.parametrize(("query", "variables", "setting"), GREEDY.values(), ids=GREEDY)
async def test_greedy_document_is_refused_without_a_statement(
    sqlite_url: str, query: str, variables: dict[str, Any], setting: str
) -> None:
    async with served(sqlite_url, LIMITS) as api:
        with recorded() as statements:
            answer = await api.ask(query, **variables)
        assert statements == []
    assert answer.keys() == {"errors"}
    [error] = answer["errors"]
    allowed = getattr(LIMITS, setting.lower())
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "setting": setting, "limit": allowed}
    assert f"({setting})" in error["message"]
    assert str(allowed) in error["message"]
    assert len(error["message"]) < 200


async def test_who_asked_for_too_much_waits_and_nobody_else(sqlite_url: str) -> None:
    limits = DocumentLimits(max_aliases=1, refusal_seconds=10)
    async with served(sqlite_url, limits) as api:
        greedy = asyncio.create_task(api.ask("{ a: __typename b: __typename }"))
        # Wrong, but not too much.
        assert "errors" in await api.ask("{ nothing }")
        assert "errors" not in await api.ask("{ __typename }")
        assert not greedy.done()
        greedy.cancel()


async def test_document_within_the_limits_is_answered_with_what_it_costs(database_url: str) -> None:
    query = "{ runs(first: 50) { nodes { id trigger { name } } totalCount } }"
    async with served(database_url, LIMITS) as api:
        answer = await api.ask(query)
    # The page and its count are a statement each; 50 rows have an id, a trigger and its name.
    assert answer["extensions"] == {"cost": {"requested": 10 + 1 + 50 * 3 + 10, "limit": 5_000}}


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ __typename }", {}, 1),
        ("{ runs { edges { cursor node { id } } } }", {}, 10 + 1 + 20 * 3),
        ("query ($n: Int) { runs(first: $n) { nodes { id } } }", {"n": 7}, 10 + 1 + 7),
        ("query ($n: Int) { runs(first: $n) { nodes { id } } }", {"n": 8}, 10 + 1 + 8),
        ("query ($n: Int) { runs(first: $n) { nodes { id } } }", {}, 10 + 1 + 20),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["run_x"] * 3}, 1 + 3),
        ("{ runStats { total byAgent(first: 3) { count } } }", {}, 1 + 10 + 10 + 3),
        ("{ runs(first: 2) { nodes { ... on Run { ...F } } } } fragment F on Run { id }", {}, 13),
        ("{ runs(first: 2) { nodes { steps { id } } } }", {}, 10 + 1 + 2 * (1 + 5)),
    ],
)
async def test_cost_is_a_product_along_nested_pages(
    sqlite_url: str, query: str, variables: dict[str, Any], cost: int
) -> None:
    async with served(sqlite_url) as api:
        answer = await api.ask(query, **variables)
    assert answer["extensions"]["cost"]["requested"] == cost


async def test_what_costs_too_much_is_refused_before_it_is_validated(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import graph.documents

    validated: list[str] = []

    def errors_in(schema: object, document: object, text: str) -> list[object]:
        validated.append(text)
        return []

    monkeypatch.setattr(graph.documents, "errors_in", errors_in)
    pages = "agents(first: 50) { nodes { runs(first: 50) { nodes { id inputs nosuch } } } }"
    async with served(sqlite_url, LIMITS) as api:
        assert (await api.error(f"query Dear {{ {pages} }}"))[0] == "LIMIT_EXCEEDED"
        assert validated == []
        await api.ask("query Cheap { viewer { name } }")
        assert validated == ["query Cheap { viewer { name } }"]


@pytest.mark.parametrize(
    "query",
    [
        "{ nosuch(first: 50) { nodes { runs(first: 50) { nodes { id } } } } ...Missing }",
        "{ ...F } fragment F on RunFilter { agents(first: 50) { id } }",
        "{ ... on RunStatus { runs { id } } ... on Nosuch { runs { id } } }",
        '{ runs(first: "many", last: [1]) { nodes { id } } nodes(ids: {a: 1}) { id } }',
        "{ ...A } fragment A on Query { ...B ...C } fragment B on Query { ...A ...C }"
        " fragment C on Query { ...A ...B }",
    ],
)
async def test_document_that_is_wrong_is_told_so_whatever_it_costs(
    sqlite_url: str, query: str
) -> None:
    async with served(sqlite_url) as api:
        answer = await api.ask(query)
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


async def test_schema_is_open_to_the_roles_that_may_ask_for_it(sqlite_url: str) -> None:
    introspection = get_introspection_query()
    async with served(sqlite_url) as api:
        assert (await api.data(introspection))["__schema"]
    for query in (introspection, '{ a: __type(name: "Run") { name } }'):
        async with served(sqlite_url, DocumentLimits(introspection_roles="viewer")) as api:
            code, message = await api.error(query)
        assert code == "FORBIDDEN"
        assert message == (
            "expected a role that may ask for the schema, got admin (INTROSPECTION_ROLES)"
        )


async def test_names_are_not_suggested_to_whom_the_schema_is_not_open(sqlite_url: str) -> None:
    wrong = "{ vewer { name } }"
    filtered = "query ($filter: RunFilter) { runs(filter: $filter) { nodes { id } } }"
    closed = DocumentLimits(introspection_roles="none")
    for limits, is_open in ((DocumentLimits(), True), (closed, False), (DocumentLimits(), True)):
        async with served(sqlite_url, limits) as api:
            _, message = await api.error(wrong)
            _, of_variables = await api.error(filtered, filter={"statusess": []})
        assert ("Did you mean" in message) is is_open
        assert ("Did you mean" in of_variables) is is_open
        assert "vewer" in message


async def test_query_that_takes_too_long_is_cut_off(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import graph.query

    is_cut = False

    async def find_shared_report(*_: Any) -> None:
        nonlocal is_cut
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            is_cut = True
            raise

    monkeypatch.setattr(graph.query, "find_shared_report", find_shared_report)
    async with served(sqlite_url, DocumentLimits(max_operation_seconds=0.05)) as api:
        answer = await api.ask('{ sharedReport(token: "x") { title } }')
    [error] = answer["errors"]
    assert is_cut
    assert answer["data"] is None
    assert error["extensions"]["setting"] == "MAX_OPERATION_SECONDS"
    assert (
        error["message"]
        == "expected an operation of at most 0.05 s, got more (MAX_OPERATION_SECONDS)"
    )


async def test_mutation_that_takes_too_long_is_answered_and_still_done(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resolvers import heartbeat as resolver
    from resolvers.uninterrupted import uninterrupted

    go_on, done = asyncio.Event(), asyncio.Event()

    @uninterrupted
    async def heartbeat(*_: Any) -> None:
        await go_on.wait()
        done.set()

    monkeypatch.setattr(resolver, "heartbeat", heartbeat)
    async with served(sqlite_url, DocumentLimits(max_operation_seconds=0.05)) as api:
        query = 'mutation { heartbeat(input: {runId: "run_x"}) { intervalSeconds } }'
        answer = await api.ask(query)
        assert "it may still be done" in answer["errors"][0]["message"]
        go_on.set()
        async with asyncio.timeout(20):
            await done.wait()


def test_what_is_refused_costs_less_than_parsing_it() -> None:
    from graphql import GraphQLError, parse

    from graph.outline import outline_of

    query = "{ " + " ".join(f"a{number}: __typename" for number in range(1_000)) + " }"
    began = time.perf_counter()
    with pytest.raises(GraphQLError):
        outline_of(query, DOCUMENT_LIMITS)
    refused = time.perf_counter() - began
    began = time.perf_counter()
    parse(query)
    assert refused < (time.perf_counter() - began) / 4


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"max_depth": 0}, "MAX_DEPTH: expected at least 1, got 0"),
        ({"max_page_size": 201}, "MAX_PAGE_SIZE: expected at most 200, got 201"),
        (
            {"introspection_roles": "everyone"},
            "INTROSPECTION_ROLES: expected some of viewer, reporter, operator, admin, or none, "
            "got 'everyone'",
        ),
    ],
)
def test_limit_that_cannot_be_is_told_of(told: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadLimit) as error:
        DocumentLimits(**told).check()
    assert str(error.value) == sentence
