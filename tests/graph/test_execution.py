"""What goes straight to graphql-core is answered as it is by Strawberry."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.graphql import OperationType

from graph.context import Context
from graph.schema import schema
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from server.graphql_answer import payload_of
from tests.support.reporting import append, begin, run_id

ALLOWED = (OperationType.QUERY, OperationType.MUTATION)
APPEND = """
mutation ($input: AppendLogsInput!) {
  appendLogs(input: $input) { nextOffset endCursor run { id status } userErrors { code message } }
}
"""


async def answers(
    service: Service, query: str, variables: dict[str, Any] | None = None, name: str | None = None
) -> list[dict[str, Any]]:
    """Ours, and Strawberry's own."""
    told = []
    for execute in (schema.execute, super(type(schema), schema).execute):
        context = Context(service, LOCAL_VIEWER)
        try:
            result = await execute(
                query, variables, context, operation_name=name, allowed_operation_types=ALLOWED
            )
            told.append(payload_of(result))
        except CannotGetOperationTypeError as error:
            told.append({"raised": error.as_http_error_reason()})
    return told


@pytest.mark.parametrize(
    ("query", "variables", "name"),
    [
        ("{ viewer { name } __typename }", None, None),
        ("query A { viewer { name } } query B { __typename }", None, "B"),
        ("query A { viewer { name } } query B { __typename }", None, None),
        ("query A { __typename }", None, "C"),
        ("query A { __typename }", None, ""),
        ("query ($id: ID!) { run(id: $id) { id } }", {}, None),
        ("query ($id: ID!) { run(id: $id) { id } }", {"id": "run_1"}, None),
        ("query ($id: ID!) { run(id: $id) { id } }", {"id": {}}, None),
        ("{ nothing }", None, None),
        ("{ viewer { name }", None, None),
        ("{ runs(first: 1" + "0" * 5_000 + ") { nodes { id } } }", None, None),
        ("query ($n: Int) { runs(first: $n) { nodes { id } } }", {"n": -1}, None),
        ("{ " + "viewer { " * 30 + "name" + " }" * 30 + " }", None, None),
    ],
)
async def test_it_is_what_strawberry_answers(
    service: Service, query: str, variables: dict[str, Any] | None, name: str | None
) -> None:
    ours, stock = await answers(service, query, variables, name)
    assert ours == stock


async def test_a_mutation_is_answered_as_by_strawberry(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, "a")
    # Told again it changes nothing, so both may tell it.
    told = {"runId": run_id(run), "offset": 0, "lines": [{"message": "a"}]}
    ours, stock = await answers(service, APPEND, {"input": told})
    assert ours == stock
    assert ours["data"]["appendLogs"]["nextOffset"] == 1
    gap, stock_gap = await answers(service, APPEND, {"input": {**told, "offset": 7}})
    assert gap == stock_gap
    assert gap["data"]["appendLogs"]["userErrors"][0]["code"] == "OFFSET_GAP"


async def test_strawberry_is_not_asked_about_what_is_well(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(strawberry.Schema, "execute", asked)
    result = await schema.execute(
        "{ __typename }",
        context_value=Context(service, LOCAL_VIEWER),
        allowed_operation_types=ALLOWED,
    )
    assert result.data == {"__typename": "Query"}


async def test_each_operation_has_a_context_of_its_own(service: Service) -> None:
    shared = Context(service, LOCAL_VIEWER)
    query = "{ runs { nodes { agent { name } } } }"
    await begin(service)
    await schema.execute(query, context_value=shared, allowed_operation_types=ALLOWED)
    assert shared._loaders is None
