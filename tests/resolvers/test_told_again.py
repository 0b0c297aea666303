"""What is stored is known again by what was told, whatever was redacted of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.log_line import MAX_LINE_BYTES, cut
from resolvers.redaction import Redactor, default_redactor, no_redactor, redactor
from resolvers.told_again import are_same_labels, is_same, is_same_json, is_same_start
from tests.support.secrets import GITHUB, KEY

REDACTORS = [default_redactor(), no_redactor(), redactor(["n"], ["x+", "é"])]
PIECES = ["x", "é", " ", "\n", "[redacted]", "[red", GITHUB, "password=abc", "\n".join(KEY)]
texts = st.lists(st.sampled_from(PIECES)).map("".join)
values = st.recursive(
    texts
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["password", "n", "b", "c"]), inner)
    ),
    max_leaves=10,
)


@given(texts, st.sampled_from(REDACTORS))
def test_text_is_known_by_what_was_stored_of_it(text: str, first: Redactor) -> None:
    assert is_same(first.text(text), text)
    assert is_same_start(first.text(text), text)


@given(values, st.sampled_from(REDACTORS))
def test_json_is_known_by_what_was_stored_of_it(value: object, first: Redactor) -> None:
    text = json.dumps(value)
    assert is_same_json(first.json(text), text)


@pytest.mark.parametrize("secret_at", range(MAX_LINE_BYTES - 60, MAX_LINE_BYTES + 20, 5))
def test_line_that_was_cut_is_known_wherever_its_secret_stood(secret_at: int) -> None:
    text = "x" * secret_at + f" {GITHUB} " + "y" * 100
    stored, truncated_bytes = cut(default_redactor().text(text))
    assert truncated_bytes
    assert is_same_start(stored, text)
    assert not is_same_start(stored, f"else {text}")


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("a", "b"),
        ("a [redacted]", "b c"),
        ("[redacted] a", "c b"),
        ("a[redacted]a", "a"),
        ("a [redacted] b [redacted] c", "a 1 c"),
        ("", "a"),
        (None, ""),
        ("[redacted]", None),
    ],
)
def test_another_text_is_not_the_same(stored: str | None, told: str | None) -> None:
    assert not is_same(stored, told)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ('{"a":1}', '{"a":1.0}'),
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
        ('{"a":"[redacted]"}', '{"b":1}'),
        ('{"a":"[redacted]"}', '{"a":1,"b":2}'),
        ("[true]", "[1]"),
        ('["1"]', "[1]"),
        ("[]", "{}"),
        ("[null]", "[]"),
    ],
)
def test_another_json_is_not_the_same(stored: str, told: str) -> None:
    assert not is_same_json(stored, told)


def test_labels_that_became_one_are_known() -> None:
    assert are_same_labels([("token", "[redacted]")], [("token", "a"), ("token", "b")])
    assert not are_same_labels([("token", "[redacted]")], [("token", "a"), ("team", "b")])
    assert not are_same_labels([("token", "[redacted]"), ("a", "b")], [("token", "a")])
