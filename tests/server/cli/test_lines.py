"""Bytes become lines, whatever the pieces they come in."""

from hypothesis import given
from hypothesis import strategies as st

from server.cli.lines import LineSplitter, RawLine


def split(*pieces: bytes, max_bytes: int = 1000) -> list[RawLine]:
    splitter = LineSplitter(max_bytes)
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    return lines + splitter.finish()


def texts(*pieces: bytes) -> list[str]:
    return [line.text for line in split(*pieces)]


def test_only_a_line_feed_ends_a_line() -> None:
    assert texts(b"10%\r20%\r\n\x0b\x0c\xc2\x85\n") == ["10%\r20%\r", "\x0b\x0c\x85"]


def test_last_line_counts_without_a_line_feed() -> None:
    assert texts(b"a\nb") == ["a", "b"]


def test_empty_lines_are_lines_but_nothing_after_the_last_line_feed_is_none() -> None:
    assert texts(b"\n\na\n") == ["", "", "a"]


def test_character_that_comes_in_two_pieces_stays_whole() -> None:
    assert texts(b"\xe2\x82", b"\xac\n") == ["€"]


def test_what_is_not_utf8_becomes_replacement_characters() -> None:
    assert texts(b"a\xffb\n") == ["a\ufffdb"]


def test_long_line_is_cut_and_says_by_how_much() -> None:
    assert split(b"abc", b"def", b"gh\nnext\n", max_bytes=5) == [
        RawLine("abcde", 3),
        RawLine("next", 0),
    ]


def test_line_without_an_end_does_not_fill_the_memory() -> None:
    splitter = LineSplitter(max_bytes=1000)
    for _ in range(1000):
        assert splitter.feed(b"x" * 10_000) == []
    assert len(splitter._begun) == 1000
    assert splitter.finish() == [RawLine("x" * 1000, 10_000_000 - 1000)]


@given(
    st.lists(st.sampled_from([b"\n", b"a", b"\r\n", b"bc", b"\xc3\xa9"]), max_size=30), st.data()
)
def test_pieces_make_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    expected = whole.decode().split("\n")
    assert texts(*pieces) == (expected if expected[-1] else expected[:-1])
