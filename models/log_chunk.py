"""Log lines, stored in chunks."""

from __future__ import annotations

from tortoise import fields

from models.fields import InstantField
from models.keyed_by_run import KeyedByRun


class LogChunk(KeyedByRun):
    """Consecutive lines of a run. What stands beside `payload` lets a reader skip it unread."""

    #: The sequence number of its first line, from 1; with run_id the key.
    first_sequence = fields.BigIntField()
    #: How many lines: the last has sequence first_sequence + count - 1.
    count = fields.IntField()
    first_at = InstantField()
    last_at = InstantField()
    #: Bit `1 << level` is set for each LogLevel present.
    levels = fields.IntField()
    #: Bit `1 << stream` is set for each LogStream present.
    streams = fields.IntField()
    #: The step keys present, a JSON array; null in it stands for lines of no step.
    steps = fields.TextField()
    #: Whose lines: a JSON array of [attempt, source, first offset, count], in the order of lines.
    segments = fields.TextField()
    #: The lines, encoded and compressed by live/log_codec.py.
    payload = fields.BinaryField()

    class Meta:
        table = "log_chunk"
