"""The payload of a log chunk: lines as columns, in JSON, compressed where that pays.

The first byte says how the rest is packed. A column that has one value for all lines is that value
instead of a list. Messages are JSON strings, so that storage never joins them by a line feed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from typing import Any, TypeVar

import orjson
import zstandard

from live.log_line import NewLine
from models.instants import to_micros

V = TypeVar("V")

PLAIN, ZSTD = b"\x00", b"\x01"
#: For what is appended: two thirds of the CPU of zstd's default, 3. By the kind of text that is up
#: to 9 percent smaller, or larger.
LEVEL = 1
#: For what is packed once and kept: a tenth smaller for twice the CPU. The levels above 12 take
#: five times that for a few percent more.
PACKED_LEVEL = 9
#: Below this nothing is won by compressing.
MIN_COMPRESSED = 200
#: What a payload may unpack to: more than any chunk holds, so a corrupt one cannot fill memory.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024


class CorruptChunk(ValueError):
    """A payload that does not hold what its chunk says."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A chunk's lines by column."""

    messages: Sequence[str]
    #: Microseconds since the epoch.
    times: Sequence[int]
    levels: Sequence[int]
    streams: Sequence[int]
    step_keys: Sequence[str | None]
    #: By the line's index, where a line was cut.
    truncated: dict[int, int]

    def per_line(self) -> tuple[Sized, ...]:
        """The columns that have a value for each line."""
        return self.messages, self.times, self.levels, self.streams, self.step_keys


def columns_of(lines: Sequence[NewLine]) -> Columns:
    """The lines, at least one, by column."""
    messages, ats, levels, streams, step_keys, cuts = zip(*lines, strict=True)
    # Mostly a call's lines all have its own time.
    times = [to_micros(ats[0])] * len(ats) if is_one(ats) else [to_micros(at) for at in ats]
    truncated = {index: cut for index, cut in enumerate(cuts) if cut} if any(cuts) else {}
    return Columns(messages, times, levels, streams, step_keys, truncated)


def is_one(values: Sequence[Any]) -> bool:
    """Whether all of the values, at least one, are the same.

    Told by counting, which takes half as long as making a set of them.
    """
    return values.count(values[0]) == len(values)


def distinct(values: Sequence[V]) -> list[V]:
    """Those that are present, in the order of their first."""
    return [values[0]] if is_one(values) else list(dict.fromkeys(values))


def encode(columns: Columns, level: int = LEVEL) -> bytes:
    """Pack lines."""
    times = columns.times
    steps = distinct(columns.step_keys)
    place = {key: index for index, key in enumerate(steps)}
    content: dict[str, Any] = {
        "m": columns.messages,
        # Differences are small and alike, which compresses better than times do.
        "t": times[0] if is_one(times) else [times[0], *map(sub, times[1:], times)],
        "l": _folded(columns.levels),
        "s": _folded(columns.streams),
        "k": 0 if len(steps) == 1 else [place[key] for key in columns.step_keys],
        "n": steps,
    }
    if columns.truncated:
        content["x"] = {str(index): cut for index, cut in columns.truncated.items()}
    text = orjson.dumps(content)
    if len(text) >= MIN_COMPRESSED:
        compressor = _kept.compressor if level == LEVEL else _compressor(level)
        packed = compressor.compress(text)
        if len(packed) < len(text):
            return ZSTD + packed
    return PLAIN + text


def decode(payload: bytes, count: int) -> Columns:
    """Unpack `count` lines. Raises CorruptChunk."""
    try:
        content = orjson.loads(_unpacked(payload))
        steps = content["n"]
        columns = Columns(
            messages=content["m"],
            times=_times(content["t"], count),
            levels=_unfolded(content["l"], count),
            streams=_unfolded(content["s"], count),
            step_keys=_keyed(steps, content["k"], count),
            truncated={int(index): cut for index, cut in content.get("x", {}).items()},
        )
        lengths = {len(column) for column in columns.per_line()}
    except (zstandard.ZstdError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptChunk(f"a log chunk cannot be read: {error}") from error
    if lengths != {count}:
        raise CorruptChunk(f"a log chunk holds {sorted(lengths)} lines, expected {count}")
    return columns


def _unpacked(payload: bytes) -> bytes:
    kind, packed = payload[:1], payload[1:]
    if kind == PLAIN:
        return packed
    if kind == ZSTD:
        if zstandard.get_frame_parameters(packed).content_size > MAX_UNPACKED_BYTES:
            raise CorruptChunk("a log chunk unpacks to more than any chunk holds")
        return _kept.decompressor.decompress(packed)
    raise CorruptChunk(f"a log chunk is packed in an unknown way: {kind!r}")


def _compressor(level: int) -> zstandard.ZstdCompressor:
    # The checksum's four bytes tell damage from text that was told.
    return zstandard.ZstdCompressor(level=level, write_checksum=True)


class _Kept(threading.local):
    """What is used for every chunk, one for each thread: making it takes 5 µs."""

    def __init__(self) -> None:
        self.decompressor = zstandard.ZstdDecompressor()
        self.compressor = _compressor(LEVEL)


_kept = _Kept()


def _times(told: list[int] | int, count: int) -> list[int]:
    """The times of differences, or of the one time that all lines have."""
    return [told] * count if isinstance(told, int) else list(accumulate(told))


def _folded(values: Sequence[int]) -> list[int] | int:
    """The value, where all are the same."""
    return int(values[0]) if is_one(values) else list(map(int, values))


def _unfolded(values: list[int] | int, count: int) -> list[int]:
    return [values] * count if isinstance(values, int) else values


def _keyed(steps: list[str | None], places: list[int] | int, count: int) -> list[str | None]:
    """The keys that stand at places of a list; at one place, if all lines have the same."""
    if isinstance(places, int):
        return [steps[places]] * count
    return [steps[place] for place in places]
