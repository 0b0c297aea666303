"""Chunks hold lines byte for byte."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.log_codec import PLAIN, CorruptChunk, columns_of, decode, encode
from live.log_line import MAX_LINE_BYTES, NewLine, cut, storable
from models.instants import to_micros
from models.states import LogLevel, LogStream

LINES = st.lists(
    st.builds(
        NewLine,
        message=st.text(st.characters(exclude_categories=["Cs"])),
        at=st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001
        level=st.sampled_from(LogLevel),
        stream=st.sampled_from(LogStream),
        step_key=st.none() | st.sampled_from(["build", "test", ""]),
        truncated_bytes=st.none() | st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=30,
)


@given(LINES)
def test_lines_come_back_as_they_went(lines: list[NewLine]) -> None:
    columns = decode(encode(columns_of(lines)), len(lines))
    assert columns.messages == [line.message for line in lines]
    assert columns.times == [to_micros(line.at) for line in lines]
    assert columns.levels == [line.level for line in lines]
    assert columns.streams == [line.stream for line in lines]
    assert columns.step_keys == [line.step_key for line in lines]
    assert [columns.truncated.get(i) for i in range(len(lines))] == [
        line.truncated_bytes for line in lines
    ]


def line(message: str) -> NewLine:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return NewLine(message, now, LogLevel.INFO, LogStream.STDOUT, None)


def test_what_compresses_is_compressed_and_a_short_line_is_not_made_longer() -> None:
    assert encode(columns_of([line("short")]))[:1] == PLAIN
    many = [line(f"compiling module {n} of 500") for n in range(500)]
    assert len(encode(columns_of(many))) < sum(len(each.message) for each in many) / 4


def test_lines_of_one_time_hold_it_once() -> None:
    payload = encode(columns_of([line("x"), line("y")]))
    assert b'"t":%d,' % to_micros(line("x").at) in payload


def test_a_list_of_times_that_are_the_same_is_read_as_well() -> None:
    payload = PLAIN + b'{"m":["x","y"],"t":[5,0],"l":1,"s":0,"k":0,"n":[null]}'
    assert decode(payload, 2).times == [5, 5]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x07{}", b"\x00not json", b"\x01not zstd", encode(columns_of([line("x")]))[:-3]],
)
def test_a_corrupt_payload_is_an_error_of_its_own(payload: bytes) -> None:
    with pytest.raises(CorruptChunk):
        decode(payload, 1)


@given(st.data())
def test_no_damage_to_a_compressed_chunk_passes_for_text(data: st.DataObject) -> None:
    lines = [line(f"module {n} compiled") for n in range(30)]
    whole = encode(columns_of(lines))
    position = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[position] ^ (1 << data.draw(st.integers(0, 7)))
    damaged = whole[:position] + bytes([flipped]) + whole[position + 1 :]
    with suppress(CorruptChunk):  # or the bit means nothing
        assert decode(damaged, 30) == decode(whole, 30)


@pytest.mark.parametrize(
    "content", [b"[]", b"null", b'{"m":["x"]}', b'{"m":1,"t":[0],"l":0,"s":0,"k":0,"n":[null]}']
)
def test_a_payload_of_another_shape_is_corrupt(content: bytes) -> None:
    with pytest.raises(CorruptChunk):
        decode(PLAIN + content, 1)


def test_a_payload_with_another_number_of_lines_is_corrupt() -> None:
    with pytest.raises(CorruptChunk):
        decode(encode(columns_of([line("x"), line("y")])), 3)


@given(st.text(st.characters(), max_size=100))
def test_a_cleaned_message_can_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    cleaned = storable(text)
    assert "\0" not in cleaned
    cleaned.encode()
    assert cut(cleaned) == (cleaned, None)
    assert storable(cleaned) == cleaned
    assert len(cleaned) == len(text)


@pytest.mark.parametrize("character", ["x", "é", "€", "😀"])
def test_a_long_line_is_cut_between_characters_and_says_how_much(character: str) -> None:
    size = len(character.encode())
    text = character * (MAX_LINE_BYTES // size + 10)
    kept, truncated_bytes = cut(text)
    assert len(kept.encode()) <= MAX_LINE_BYTES
    assert truncated_bytes == len(text.encode()) - len(kept.encode())
    assert text.startswith(kept)
