"""Asking by each door, with what holds for each answer looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import httpx

from graph.json_text import decode_json
from tests.fuzz.answers import check_payload
from tests.fuzz.values import encoded
from tests.fuzz.world import Person, World
from tests.graph.events import EVENT_STREAM
from tests.graph.support import JSON, PATH

#: What GraphQL over HTTP may answer with, and why: section 6.4 of its specification, and limits.
STATUSES = {200, 400, 401, 403, 405, 413, 415, 421}
#: Characters of a streamed answer that are looked at: some have no end.
MAX_STREAMED = 200_000
#: Seconds after which a stream is given up that has nothing more to say.
QUIET_SECONDS = 0.5

Headers = Mapping[str, str]


def ask(world: World, person: Person, body: Any) -> Any:
    """The answer to a body of JSON."""
    return post(world, person, encoded(body).encode(), JSON)


def post(world: World, person: Person, content: bytes, headers: Headers) -> Any:
    """The answer to any body; None where it is none of GraphQL."""
    world.leaks.told(_as_read(content))
    return _checked(
        world, person, world.http.post(PATH, content=content, headers=_of(person, headers))
    )


def get(world: World, person: Person, parameters: Mapping[str, str], headers: Headers) -> Any:
    """The answer to a query in an address."""
    world.leaks.told(" ".join(parameters.values()))
    encoded = {name: value.encode("utf-8", "replace") for name, value in parameters.items()}
    address = httpx.URL(PATH, params=encoded)
    return _checked(world, person, world.http.get(address, headers=_of(person, headers)))


def events(world: World, person: Person, body: Any, headers: Headers) -> str:
    """The beginning of a subscription's events."""
    content = encoded(body).encode()
    told = _of(person, {**JSON, "Accept": EVENT_STREAM, **headers})
    return stream(
        world,
        person,
        httpx.Request("POST", world.service.url + PATH, content=content, headers=told),
    )


def page(world: World, person: Person, path: str, headers: Headers) -> str:
    """A page, or the beginning of a log that is followed."""
    return stream(
        world, person, httpx.Request("GET", world.service.url + path, headers=_of(person, headers))
    )


def stream(world: World, person: Person, request: httpx.Request) -> str:
    """The beginning of an answer that may have no end."""
    world.leaks.told(unquote(str(request.url)) + _as_read(request.content))
    request.extensions["timeout"] = httpx.Timeout(20.0, read=QUIET_SECONDS).as_dict()
    response = world.http.send(request, stream=True)
    text = ""
    try:
        with suppress(httpx.ReadTimeout):
            for part in response.iter_text():
                text += part
                if "event: next" in text or len(text) > MAX_STREAMED:
                    break
    finally:
        response.close()
    world.check_text(person, response.status_code, text)
    return text


def _of(person: Person, headers: Headers) -> dict[str, str]:
    return {**person.headers, **headers}


def _as_read(content: bytes) -> str:
    """As the service understands it: escapes of JSON are letters."""
    text = content.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text


def _checked(world: World, person: Person, response: httpx.Response) -> Any:
    assert response.status_code in STATUSES, (response.status_code, response.text[:500])
    world.check_text(person, response.status_code, response.text)
    kind = response.headers["content-type"]
    if "json" not in kind:
        assert EVENT_STREAM in kind or response.status_code == 400, kind
        return None
    payload = decode_json(response.content)
    check_payload(payload)
    return payload
