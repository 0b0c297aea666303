"""Requests that are hardly any: bodies, parameters, headers, addresses of pages, torn documents."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from resolvers.rights import ROUTES
from server.console import BUILT
from tests.fuzz import calls, values
from tests.fuzz.world import World

PARAMETERS = ("query", "variables", "operationName", "extensions", "documentId")
CONTENT_TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "", "a/b/c"]
ACCEPTS = [
    *("*/*", "application/json", "application/graphql-response+json", "text/event-stream", ""),
    *("application/graphql-response+json, text/event-stream;q=0.5", "image/png", ";;,q=x"),
]
HASHES = [f"sha256:{'0' * 64}", "0" * 64, "sha256:", "md5:0"]
APOLLO = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}

#: Of a page or a log.
QUERIES = [
    *("", "?follow=1", "?follow=%00", "?follow=1&follow=0", "?%ff", "?level=error&from=2"),
    *("?contains=%ff&stream=stderr", "?step=%00", "?attempt=1&attempt=%c2%b2", "?from=9999999999"),
    "?download=1&level=",
]
#: Of the console; a name of each kind is as good as all.
FILES = sorted({path.suffix: path.name for path in BUILT.glob("assets/*")}.values())

#: What HTTP lets stand in the value of a header: RFC 9110, section 5.5, without the tab.
_header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30).map(
    str.strip
)


def headers() -> SearchStrategy[dict[str, str]]:
    """Those that the service looks at, with anything in them; `Authorization` mostly left alone."""
    return st.fixed_dictionaries(
        {},
        optional={
            "Accept": st.one_of(st.sampled_from(ACCEPTS), _header_values),
            "Content-Type": st.sampled_from(CONTENT_TYPES),
            "Content-Encoding": st.sampled_from(["identity", "gzip", "br, gzip"]),
            "Last-Event-ID": _header_values,
            "Origin": st.one_of(st.just("null"), _header_values),
            "X-Forwarded-For": _header_values,
        },
    )


def logins() -> SearchStrategy[dict[str, str]]:
    """Of nobody."""
    secret = st.one_of(_header_values, _header_values.map(lambda text: f"ar_{text}"))
    scheme = st.sampled_from(["Bearer", "bearer", "Basic", "", "Bearer Bearer"])
    return st.builds(lambda s, t: {"Authorization": f"{s} {t}".strip()}, scheme, secret)


def bodies(world: World) -> SearchStrategy[bytes]:
    """Bytes, JSON, and objects with the names that a request has."""
    shaped = parameters(world).map(lambda told: values.encoded(told).encode())
    anything = values.json_values.map(lambda told: values.encoded(told).encode())
    cut = st.builds(lambda told, at: told[: at % (len(told) + 1)], shaped, st.integers(0, 10**4))
    return st.one_of(shaped, shaped, cut, anything, st.binary(max_size=60))


def parameters(world: World) -> SearchStrategy[dict[str, Any]]:
    """What a request may hold, each part of it good or anything."""
    call = st.shared(calls.queries(world), key="call")
    good: dict[str, SearchStrategy[Any]] = {
        "query": call.map(lambda one: one[0]),
        "variables": call.map(lambda one: one[1]),
        "operationName": st.none(),
        "extensions": st.one_of(st.just(APOLLO), st.just({})),
        "documentId": st.sampled_from(HASHES),
    }
    return st.fixed_dictionaries(
        {}, optional={name: st.one_of(one, values.json_values) for name, one in good.items()}
    )


def query_strings(world: World) -> SearchStrategy[dict[str, str]]:
    """The same in an address, where everything is text."""
    return parameters(world).map(lambda told: {name: _plain(value) for name, value in told.items()})


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else values.encoded(value)


@st.composite
def addresses(draw: DrawFn, world: World) -> str:
    """Of every route but GraphQL's, with anything in its places; and of none."""
    route = draw(st.sampled_from([path for path in ROUTES if path != "/graphql"]))

    def fill(match: re.Match[str]) -> str:
        fitting = st.sampled_from(_fitting(world, match[1]))
        odd = st.one_of(values.ids(world), values.spoilt(fitting), values.texts)
        return _quoted(draw(st.one_of(fitting, fitting, odd)))

    path = re.sub(r"\{(\w+)\}", fill, route)
    query = draw(st.sampled_from(QUERIES))
    odd_ends = st.sampled_from(["/", "//", "/..", "%2f", ".txt"])
    end = draw(st.one_of(st.just(""), st.just(""), st.just(""), odd_ends))
    return f"{path}{end}{query}"


def _fitting(world: World, place: str) -> list[str]:
    """What belongs in a place of a route; links to what is elsewhere show it to everybody."""
    mine, foreign = world.mine, world.foreign
    return {
        "run_id": [mine.running, mine.completed, foreign.running, foreign.completed],
        "report_id": [mine.report, foreign.report],
        "token": [mine.token],
        "extension": ["md", "html", "json"],
        "file": [*FILES, "index.html"],
    }[place]


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")


#: Words of a document, of the same kinds as graphql-core has.
_WORD = re.compile(r'"""|"[^"]*"|\w+|\.\.\.|\S|\s+')
ODD_WORDS = [
    *("{", "}", "(", ")", "[", "]", ":", "$", "@", "!", "...", '"', '"""', "#", "\\", "&", "|"),
    *("on", "fragment F on Run { id }", "...F", "... on Run { id }", "@skip(if: true)", "query"),
    *("__schema { types { name } }", "a: __typename", "__type(name: 5)", "0", "-", "1e999", "null"),
    *(
        "9" * 500,
        "\ufeff",
        "\0",
        "\u2028",
        '"\\ud800"',
        '"\\u{110000}"',
        '"\\u0000"',
        "subscription",
    ),
]


@st.composite
def torn_documents(draw: DrawFn, world: World) -> str:
    """A good document from which words were torn out, doubled, moved, or others put between."""
    document, _ = draw(
        st.one_of(calls.queries(world), calls.mutations(world), calls.subscriptions(world))
    )
    words = _WORD.findall(document)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words)))
        odd = draw(st.one_of(st.sampled_from(ODD_WORDS), values.texts))
        match draw(st.sampled_from(["out", "in", "twice", "instead"])):
            case "out":
                del words[at : at + 1]
            case "in":
                words.insert(at, odd)
            case "twice":
                words[at:at] = words[at : at + 6] * 2
            case "instead":
                words[at : at + 1] = [odd]
    return "".join(words)
