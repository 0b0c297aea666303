"""Values: any JSON, odd texts, and ids and cursors that are good, foreign or spoilt."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.end_to_end.scene import Scene
from tests.fuzz.world import World

NOBODY = "0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c"
KINDS = (
    *("run", "step", "report", "share", "agent", "cluster", "deletion", "token", "auditEntry"),
    "nosuch",
)
#: What bounds are made of, and what was seen to break services.
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**30]
TEXTS = [
    *("", " ", "\0", "a\0b", "\ud800", "\udfff x", "\u202e", "\x1b[31m", "%", "%00", "_", "\\"),
    *("' OR 1=1 --", "'; DROP TABLE run; --", '"', "../../etc/passwd", "<script>", "{{7*7}}"),
    *("null", "İ", "ß", "ﬀ", "👩‍👩‍👧", "e\u0301", "\ufeff", "\u2028", "x" * 300, "9" * 5000),
]
TIMES = [
    *("2020-02-29T01:47:19.000000Z", "2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    *("2020-02-30T00:00:00Z", "2020-01-01", "2020-01-01T00:00:60Z", "2020-01-01T00:00:00"),
]

#: Stand for numbers that Python's own would change, and one that JSON does not have.
NUMERALS = {"@5000 digits": "9" * 5000, "@beyond": "1e999", "@zero": "-0", "@nan": "NaN"}

texts = st.one_of(st.text(max_size=40), st.sampled_from(TEXTS), st.sampled_from(TIMES))
#: JSON as Python has it, with numbers that JSON has and Python would rather not.
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(NUMBERS),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(list(NUMERALS)),
    texts,
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


def encoded(value: Any) -> str:
    """As JSON; in ASCII, so that lone surrogates come through."""
    text = json.dumps(value)
    for name, number in NUMERALS.items():
        text = text.replace(json.dumps(name), number)
    return text


def _named(scene: Scene, *endings: str) -> list[str]:
    return [value for name, value in asdict(scene).items() if name.endswith(endings)]


def _ids_of(scene: Scene) -> list[str]:
    return [
        value
        for name, value in asdict(scene).items()
        if name != "token" and not name.endswith("_cursor")
    ]


def ids(world: World) -> SearchStrategy[str]:
    """Of all that there is, here and elsewhere; of nothing; and none at all."""
    good = st.sampled_from([*_ids_of(world.mine), *_ids_of(world.foreign)])
    unknown = st.builds("{}_{}".format, st.sampled_from(KINDS), st.uuids().map(str))
    swapped = st.builds(
        lambda id_, kind: f"{kind}_{id_.partition('_')[2]}", good, st.sampled_from(KINDS)
    )
    return st.one_of(good, good, unknown, swapped, spoilt(good), texts)


def cursors(world: World) -> SearchStrategy[str]:
    """Good ones of every list, spoilt ones, and some that look like ours."""
    good = st.sampled_from([*_named(world.mine, "cursor"), *_named(world.foreign, "cursor")])
    place = st.lists(st.one_of(st.integers(-(2**63), 2**64 - 1), st.text(max_size=8), st.none()))
    heads = ["runs", "agents", "clusters", f"the log of run {NOBODY}", "auditEntries"]
    forged = st.builds(_forge, st.one_of(st.sampled_from(heads), texts, st.integers()), place)
    return st.one_of(good, good, forged, spoilt(good), texts)


def _forge(head: Any, place: list[Any]) -> str:
    # Surrogates have no UTF-8, and the largest integers no JSON.
    try:
        told = orjson.dumps([head, *place])
    except (orjson.JSONEncodeError, TypeError):
        told = b'["\xed\xa0\x80"]'
    return urlsafe_b64encode(told).rstrip(b"=").decode()


def spoilt(good: SearchStrategy[str]) -> SearchStrategy[str]:
    """With a piece cut out, and something else in its place."""

    def spoil(text: str, start: int, length: int, new: str) -> str:
        at = start % (len(text) + 1)
        return text[:at] + new + text[at + length :]

    new = st.one_of(st.just(""), st.sampled_from("=_- \n٣ĸ~"), st.text(max_size=3))
    return st.builds(spoil, good, st.integers(0, 200), st.integers(0, 5), new)
