"""What reaches a terminal, and what does not."""

import orjson
import pytest

from server.cli.log_lines import LineFormat
from server.cli.terminal import visible

LINE = {
    "sequence": 7,
    "at": "2026-11-24T01:47:19.000000Z",
    "level": "INFO",
    "stream": "STDOUT",
    "stepKey": None,
    "attempt": 1,
    "source": "main",
    "message": "hello",
    "truncatedBytes": None,
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tab\tand\nline feed", "tab\tand\nline feed"),
        ("\x1b]0;title\x07", "^[]0;title^G"),
        ("\x1b[2J\x1b[H", "^[[2J^[[H"),
        ("10%\r20%", "10%^M20%"),
        ("\x00\x7f", "^@^?"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eabc\u2069", "\\u202eabc\\u2069"),
        ("größe 构建 🚀", "größe 构建 🚀"),
    ],
)
def test_control_characters_are_shown_not_obeyed(text: str, shown: str) -> None:
    assert visible(text) == visible(text, colours=True) == shown


def test_colours_pass_where_they_are_wanted_and_end_with_the_text() -> None:
    text = "\x1b[1;31mred\x1b[2K"
    assert visible(text, colours=True) == "\x1b[1;31mred^[[2K\x1b[0m"
    assert visible(text) == "^[[1;31mred^[[2K"


def test_program_gets_the_message_as_it_was_told() -> None:
    line = LINE | {"message": "a\x1b[2J\r\nb\r", "level": "ERROR", "stepKey": "s"}
    assert LineFormat().bytes_of(line) == b"a\x1b[2J\r\nb\r\n"
    stamped = LineFormat(timestamps=True).bytes_of(line)
    assert stamped == b"2026-11-24T01:47:19.000000Z a\x1b[2J\r\nb\r\n"


def test_terminal_gets_step_level_and_what_was_cut() -> None:
    line = LINE | {"level": "WARNING", "stepKey": "run-tests", "truncatedBytes": 9}
    plain = LineFormat(terminal=True).bytes_of(line)
    assert plain == b"[run-tests] WARNING hello (9 bytes cut)\n"
    coloured = LineFormat(terminal=True, colours=True).bytes_of(line)
    assert b"\x1b[33mWARNING\x1b[0m hello" in coloured


def test_carriage_return_before_the_line_feed_is_not_worth_showing() -> None:
    assert LineFormat(terminal=True).bytes_of(LINE | {"message": "a\r"}) == b"a\n"


def test_json_holds_nothing_that_a_terminal_obeys_and_reads_back_the_same() -> None:
    line = LINE | {"message": "\x1b[2J\x9b2J\u202e\x7f größe"}
    told = LineFormat(json=True).bytes_of(line)
    assert rb"\u001b[2J\u009b2J\u202e\u007f gr" in told
    assert orjson.loads(told) == line


def test_json_has_every_field() -> None:
    assert LineFormat(json=True).bytes_of(LINE) == (
        b'{"sequence":7,"at":"2026-11-24T01:47:19.000000Z","level":"INFO","stream":"STDOUT",'
        b'"stepKey":null,"attempt":1,"source":"main","message":"hello","truncatedBytes":null}\n'
    )
