"""Cursors are opaque texts, of which each place has exactly one."""

from base64 import urlsafe_b64encode
from uuid import UUID

import pytest

from resolvers.cursors import (
    MAX_BIGINT,
    MAX_CURSOR,
    MAX_INTEGER,
    decode_cursor,
    encode_cursor,
    event_cursor,
    log_cursor,
    parse_event_cursor,
    parse_log_cursor,
)
from resolvers.errors import BadInput
from resolvers.text import MAX_NAME

RUN = UUID("0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2c")
OTHER = UUID("0199f0a4-7c1e-7a51-9d0c-5b8f0e6a1b2d")


def raw(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_cursor_comes_back_as_the_place_that_it_was_made_of() -> None:
    for place in ((0,), (-1, "x"), (MAX_BIGINT, "ü\n\"'"), ("",)):
        text = encode_cursor("a list", *place)
        kinds = [type(value) for value in place]
        assert tuple(decode_cursor("after", "a list", text, *kinds)) == place
        assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_longest_name_fits_a_cursor() -> None:
    for letter in ("\x01", "😀", '"'):
        assert len(encode_cursor("clusters", letter * MAX_NAME, str(RUN))) <= MAX_CURSOR


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "ü",
        "\ud800",
        "\0",
        pytest.param("A" * 1_000_000, id="a megabyte"),
        raw(""),
        raw("1"),
        raw("{}"),
        raw("[]"),
        raw("[1]"),
        raw('["a list", 1]'),  # a blank more than ours
        raw('["a list",1,"x"]') + "=",
        raw('["a list",1,"x"]') + "\n",
        "!" + raw('["a list",1,"x"]'),
        raw('["a list",1]'),
        raw('["a list",1,"x",2]'),
        raw('["a list","1","x"]'),
        raw('["a list",true,"x"]'),
        raw('["a list",null,"x"]'),
        raw('["a list",1.0,"x"]'),
        raw('["a list",[1],"x"]'),
        raw('["a list",9223372036854775808,"x"]'),
        raw('["a list",99999999999999999999999999,"x"]'),
        raw('["a list",1,"\\u0000"]'),
        raw('["a list",1,"\\ud800"]'),
        pytest.param(raw('["a list",' + "[" * 500 + "]" * 500 + ',"x"]'), id="deeply nested"),
    ],
)
def test_what_is_no_cursor_names_its_argument(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        decode_cursor("before", "a list", text, int, str)
    assert caught.value.message.startswith("before: expected a cursor that this service gave, got ")
    assert len(caught.value.message) < 400


def test_a_cursor_of_another_list_says_which() -> None:
    with pytest.raises(BadInput) as caught:
        decode_cursor("after", "agents", encode_cursor("clusters", "x"), str)
    assert caught.value.message == "after: expected a cursor of agents, got 'clusters'"


def test_log_and_event_cursors_hold_for_their_run_only() -> None:
    assert parse_log_cursor("after", RUN, log_cursor(RUN, 7)) == 7
    assert parse_event_cursor("after", RUN, event_cursor(RUN, 0)) == 0
    for text in (log_cursor(OTHER, 7), event_cursor(RUN, 7)):
        with pytest.raises(BadInput, match=f"after: expected a cursor of the log of run {RUN}"):
            parse_log_cursor("after", RUN, text)
    with pytest.raises(BadInput, match="after: expected a cursor of the transitions of run"):
        parse_event_cursor("after", RUN, log_cursor(RUN, 7))


def test_sequences_out_of_range_are_refused() -> None:
    assert parse_log_cursor("after", RUN, log_cursor(RUN, MAX_BIGINT)) == MAX_BIGINT
    assert parse_event_cursor("after", RUN, event_cursor(RUN, MAX_INTEGER)) == MAX_INTEGER
    for text in (log_cursor(RUN, -1), log_cursor(RUN, MAX_BIGINT + 1)):
        with pytest.raises(BadInput, match="expected a cursor that this service gave"):
            parse_log_cursor("after", RUN, text)
    for text in (event_cursor(RUN, -1), event_cursor(RUN, MAX_INTEGER + 1)):
        with pytest.raises(BadInput, match="expected a cursor that this service gave"):
            parse_event_cursor("after", RUN, text)
