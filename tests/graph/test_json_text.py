"""JSON that comes back as it was told, and what of it is refused."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.json_text import (
    MAX_JSON_BYTES,
    MAX_JSON_DEPTH,
    BadJson,
    Number,
    decode_json,
    encode_json,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=30,
)


@given(VALUES)
def test_what_was_read_is_written_the_same(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert json.loads(encode_json(decode_json(text))) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"b":1,"a":2,"ä":3}',
        "[1.10,1e400,-0,-0.0,0.1,1E+2]",
        "[9223372036854775807,9223372036854775808,123456789012345678901234567890]",
        "9" * 5_000,
        '"\\u0001 \U0001f600"',
        "null",
        "[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH,
    ],
    ids=lambda text: text[:20],
)
def test_keys_keep_their_order_and_numbers_their_digits(text: str) -> None:
    assert encode_json(decode_json(text)) == text


@pytest.mark.parametrize("depth", [MAX_JSON_DEPTH + 1, 500, 1_000, 100_000])
def test_json_nested_too_deeply_is_refused(depth: int) -> None:
    with pytest.raises(BadJson, match="levels"):
        encode_json(decode_json('{"a":' * depth + "1" + "}" * depth))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NaN", "has no NaN"),
        ("[-Infinity]", "has no -Infinity"),
        ('"\\u0000"', r"U\+0000"),
        ('{"\\ud800": 1}', r"U\+D800"),
        ('[{"a": ["\\udfff"]}]', r"U\+DFFF"),
        ("{", "expected JSON"),
    ],
)
def test_what_no_database_or_client_holds_is_refused(text: str, expected: str) -> None:
    with pytest.raises(BadJson, match=expected):
        encode_json(decode_json(text))


def test_json_is_bounded_in_bytes() -> None:
    assert len(encode_json("a" * (MAX_JSON_BYTES - 2))) == MAX_JSON_BYTES
    with pytest.raises(BadJson, match=f"at most {MAX_JSON_BYTES} bytes"):
        encode_json("ä" * (MAX_JSON_BYTES // 2))


def test_number_is_a_float_that_remembers_its_text() -> None:
    assert Number("1.50") == 1.5
    assert Number("1.50").text == "1.50"
    assert math.isinf(Number("1e400"))


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(BadJson, match="has no set"):
        encode_json([{1, 2}])
