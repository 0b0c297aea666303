"""Log lines such as agents write, never twice the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: About 90 bytes each: what a busy agent's lines are.
_TEMPLATES = (
    "batch {n}: read 512 records of table orders in {ms} ms, cursor {cursor:016x}",
    "batch {n}: wrote 509 records to s3://lake/orders/part-{n:08}.parquet ({ms} ms)",
    "batch {n}: skipped 3 records without a customer, first is order {cursor}",
    "GET https://api.example.com/v2/customers?page={n} -> 200 in {ms} ms, 41 kB",
    "checkpoint {n} saved, lag behind the source {ms} ms, {cursor} bytes so far in this part",
)


def message(number: int) -> str:
    """The text of line `number`."""
    template = _TEMPLATES[number % len(_TEMPLATES)]
    return template.format(n=number, ms=number * 7 % 991, cursor=number * 0x9E3779B97F4A7C15 >> 8)


def with_secret(number: int) -> str:
    """The same with a secret at its end."""
    return f"{message(number)} DB_PASSWORD={number * 0x9E3779B97F4A7C15:x}"


def tenth_with_secret(number: int) -> str:
    """One in ten with a secret."""
    return message(number) if number % 10 else with_secret(number)


def hundred(number: int) -> str:
    """The same in 100 characters."""
    return f"{message(number)}, trace {number * 0x9E3779B97F4A7C15F39CC0605CEDC835:064x}"[:100]


def line_inputs(texts: Iterable[str]) -> list[dict[str, Any]]:
    """A LogLineInput for each."""
    return [{"message": text} for text in texts]
