"""GraphQL over HTTP: what a caller gets for each answer."""

from collections.abc import Iterator

import httpx
import orjson
import pytest
import typer

from server import copilot_session
from server.cli import endpoint
from server.cli.client import GraphQLClient, Refused, Unreachable, mutation, until_answered
from server.cli.endpoint import Endpoint

ENDPOINT = Endpoint("https://runs.example.com/agents/")


def client(response: httpx.Response) -> GraphQLClient:
    return GraphQLClient(ENDPOINT, httpx.MockTransport(lambda request: response))


async def test_token_and_session_of_the_environment_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": dict(request.headers)})

    monkeypatch.setenv("AGENT_RUNS_TOKEN", "ar_x")
    monkeypatch.setenv("AGENT_RUNS_COPILOT_SESSION", "chat-7f3a")
    async with GraphQLClient(Endpoint(ENDPOINT.url), httpx.MockTransport(answer)) as service:
        shown = await service.execute("{ a }")
    assert (shown["authorization"], shown["copilot-session"]) == ("Bearer ar_x", "chat-7f3a")
    monkeypatch.setenv("AGENT_RUNS_COPILOT_SESSION", "a\nb")
    with pytest.raises(typer.BadParameter, match="expected at most 200 printable"):
        Endpoint(ENDPOINT.url)
    assert endpoint.MAX_SESSION == copilot_session.MAX_SESSION


def test_addresses_keep_the_path_prefix_and_the_encryption() -> None:
    assert ENDPOINT.graphql == "https://runs.example.com/agents/graphql"
    assert ENDPOINT.websocket == "wss://runs.example.com/agents/graphql"
    assert Endpoint("http://[::1]:8000").websocket == "ws://[::1]:8000/graphql"


async def test_operation_is_posted_and_its_data_returned() -> None:
    requests = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"data": {"a": 1}})

    async with GraphQLClient(ENDPOINT, httpx.MockTransport(answer)) as service:
        assert await service.execute("query { a }", {"b": "ü"}) == {"a": 1}
    (request,) = requests
    assert (request.method, str(request.url)) == ("POST", ENDPOINT.graphql)
    assert request.headers["content-type"] == "application/json"
    assert orjson.loads(request.content) == {"query": "query { a }", "variables": {"b": "ü"}}


async def test_graphql_errors_become_one_sentence_with_a_code() -> None:
    errors = [{"message": "id: expected run_…", "extensions": {"code": "BAD_INPUT"}}]
    with pytest.raises(Refused, match="id: expected run_") as refused:
        await client(httpx.Response(400, json={"errors": errors})).execute("{ a }")
    assert refused.value.code == "BAD_INPUT"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(502, text="bad gateway"),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(429, headers={"Retry-After": "1"}),
        httpx.Response(
            200,
            json={
                "errors": [
                    {
                        "message": "slow",
                        "extensions": {
                            "code": "LIMIT_EXCEEDED",
                            "setting": "MAX_OPERATION_SECONDS",
                        },
                    }
                ]
            },
        ),
        httpx.Response(
            500, json={"errors": [{"message": "wait", "extensions": {"code": "UNAVAILABLE"}}]}
        ),
    ],
)
async def test_what_passes_by_itself_is_told_apart(response: httpx.Response) -> None:
    with pytest.raises(Unreachable):
        await client(response).execute("{ a }")


async def test_lost_connection_names_the_address_and_what_to_do() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    service = GraphQLClient(ENDPOINT, httpx.MockTransport(refuse))
    with pytest.raises(Unreachable, match=r"runs.example.com/agents.*connection refused.*--url"):
        await service.execute("{ a }")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"{}", b'{"data": null}', b"null"])
async def test_answer_that_is_not_graphql_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(Refused, match="answered 404 without GraphQL"):
        await client(httpx.Response(404, content=body)).execute("{ a }")


async def test_user_error_is_raised_with_its_code_and_payload() -> None:
    error = {"code": "OFFSET_GAP", "message": "expected 3", "nodeId": None}
    payload = {"nextOffset": 3, "userErrors": [error]}
    response = httpx.Response(200, json={"data": {"appendLogs": payload}})
    with pytest.raises(Refused, match="expected 3") as refused:
        await client(response).mutate("appendLogs", {})
    assert (refused.value.code, refused.value.payload["nextOffset"]) == ("OFFSET_GAP", 3)


def test_mutation_goes_by_the_apis_convention() -> None:
    assert mutation("appendLogs", "nextOffset") == (
        "mutation AppendLogs($input: AppendLogsInput!) { appendLogs(input: $input) "
        "{ nextOffset userErrors { code message nodeId } } }"
    )


async def test_call_is_repeated_until_it_is_answered() -> None:
    answers: Iterator[Unreachable | str] = iter([Unreachable("1"), Unreachable("2"), "done"])
    lost: list[str] = []

    async def call() -> str:
        answer = next(answers)
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    found = await until_answered(
        call, may_wait=lambda pause: True, on_lost=lambda error: lost.append(str(error))
    )
    assert (found, lost) == ("done", ["1", "2"])


async def test_call_is_given_up_where_no_more_waiting_is_allowed() -> None:
    async def call() -> str:
        raise Unreachable("away")

    with pytest.raises(Unreachable):
        await until_answered(call, may_wait=lambda pause: False, on_lost=lambda error: None)
