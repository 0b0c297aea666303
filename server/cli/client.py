"""GraphQL over HTTP, with errors that are sentences.

https://graphql.github.io/graphql-over-http/draft/ is what both sides go by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx
import orjson

from server.cli.backoff import backoff
from server.cli.endpoint import HINT, Endpoint

Json = dict[str, Any]
T = TypeVar("T")

#: Seconds. The service bounds the time of an operation below this; what takes longer is lost.
TIMEOUT = httpx.Timeout(30.0, connect=5.0)

#: What a proxy says for a service that restarts (RFC 9110 section 15.6), and the service to whoever
#: asks too often (RFC 6585 section 4): worth another try.
PASSING_STATUSES = frozenset({429, 502, 503, 504})

#: `extensions.code` of operations that were not done because the database is away, or that the
#: service's restart broke off.
PASSING_CODES = frozenset({"UNAVAILABLE", "INTERRUPTED"})

#: `extensions.setting` of limits that another try may keep within.
PASSING_LIMITS = frozenset({"MAX_OPERATION_SECONDS", "RATE_LIMIT"})

#: Media types by preference; the second is what older servers speak.
ACCEPT = "application/graphql-response+json, application/json;q=0.9"


class ServiceError(Exception):
    """The service did not do what it was asked. Its text is a sentence for people."""


class Unreachable(ServiceError):
    """No answer, or one that says to come back: the same call may succeed in a moment.

    Whether the call was done is not known.
    """


class Refused(ServiceError):
    """The answer is a GraphQL error, a `userError` of `code`, or makes no sense at all."""

    def __init__(self, message: str, code: str = "", payload: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        #: What the mutation answered beside its `userErrors`.
        self.payload = payload or {}


@dataclass(frozen=True, slots=True)
class UserError:
    code: str
    message: str
    node_id: str | None


class GraphQLClient:
    """One service, over as few connections as needed. Each method asks once and never again."""

    def __init__(self, endpoint: Endpoint, transport: httpx.AsyncBaseTransport | None = None):
        self._endpoint = endpoint
        headers = {"authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
        if endpoint.copilot_session:
            headers["copilot-session"] = endpoint.copilot_session
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport, headers=headers)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def execute(self, document: str, variables: Json | None = None) -> Json:
        """The operation's `data`. Raises Unreachable or Refused."""
        body = orjson.dumps({"query": document, "variables": variables or {}})
        headers = {"content-type": "application/json", "accept": ACCEPT}
        try:
            response = await self._http.post(self._endpoint.graphql, content=body, headers=headers)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"no answer from {self._endpoint.url}: {reason}; {HINT}") from error
        return self._data_of(response)

    async def mutate(self, name: str, given: Json, selection: str = "") -> Json:
        """The payload of the mutation `name`; its first `userError` is raised as Refused."""
        payload = await self.mutate_each(name, given, selection)
        for error in user_errors(payload):
            raise Refused(error.message, error.code, payload)
        return payload

    async def mutate_each(self, name: str, given: Json, selection: str = "") -> Json:
        """The same for mutations that go through one by one: the payload with its `userErrors`."""
        data = await self.execute(mutation(name, selection), {"input": given})
        payload: Json = data[name]
        return payload

    def _data_of(self, response: httpx.Response) -> Json:
        if response.status_code in PASSING_STATUSES:
            raise Unreachable(f"{self._endpoint.url} answered {response.status_code}; {HINT}")
        try:
            answer = orjson.loads(response.content)
            errors, data = answer.get("errors"), answer.get("data")
        except (orjson.JSONDecodeError, AttributeError):
            errors = data = None
        if errors:
            raise error_of(errors)
        if not isinstance(data, dict):
            raise Refused(
                f"{self._endpoint.graphql} answered {response.status_code} without GraphQL in it; "
                f"{HINT}"
            )
        return data


def mutation(name: str, selection: str) -> str:
    """The document of a mutation by the API's convention: one `input`, one payload."""
    kind = name[0].upper() + name[1:]
    return (
        f"mutation {kind}($input: {kind}Input!) {{ {name}(input: $input) "
        f"{{ {selection} userErrors {{ code message nodeId }} }} }}"
    )


def user_errors(payload: Json) -> list[UserError]:
    """The payload's `userErrors`."""
    return [UserError(e["code"], e["message"], e["nodeId"]) for e in payload["userErrors"]]


def without_none(**fields: object) -> Json:
    """An input of the API, in which an absent field is "any", "none" or "unchanged"."""
    return {name: value for name, value in fields.items() if value is not None}


def error_of(errors: Sequence[Json]) -> ServiceError:
    """GraphQL's `errors` (spec section 7.1.2) as one exception with all their sentences."""
    told: list[Json] = [error.get("extensions") or {} for error in errors]
    codes = [str(each.get("code", "")) for each in told]
    limits = {str(each.get("setting", "")) for each in told}
    sentence = "; ".join(str(error.get("message", error)) for error in errors)
    if PASSING_CODES.intersection(codes) or PASSING_LIMITS & limits:
        return Unreachable(sentence)
    return Refused(sentence, codes[0])


async def until_answered(
    call: Callable[[], Awaitable[T]],
    *,
    may_wait: Callable[[float], bool],
    on_lost: Callable[[Unreachable], None],
) -> T:
    """Repeats an idempotent call until it is answered, with a back-off.

    Before each pause `may_wait(seconds)` is asked; where it refuses, Unreachable is raised.
    `on_lost` hears of each call that was not answered.
    """
    for pause in backoff():
        try:
            return await call()
        except Unreachable as error:
            on_lost(error)
            if not may_wait(pause):
                raise
        await asyncio.sleep(pause)
    raise AssertionError("the back-off is endless")
