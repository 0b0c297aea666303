"""Private keys that are written to a log line by line."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from live.log_store import read_forward
from models.run import Run
from resolvers.redaction import default_redactor
from resolvers.service import Service
from tests.support.reporting import append, begin
from tests.support.secrets import BEGIN, BODY, END, KEY

GONE = [BEGIN, *["[redacted]"] * len(BODY), END]


def lines(messages: Sequence[str]) -> list[str]:
    return list(default_redactor().lines(messages))


def test_lines_of_a_key_are_redacted_one_by_one() -> None:
    assert lines(["before", *KEY, "after"]) == ["before", *GONE, "after"]


def test_what_a_logger_puts_before_a_line_stays() -> None:
    told = [f"12:00:01 web | {line}" for line in KEY[:4]]
    kept = [f"12:00:01 web | {BEGIN}", *["12:00:01 web | [redacted]"] * 3]
    assert lines(told) == kept


def test_other_lines_between_those_of_a_key_stay() -> None:
    told = [BEGIN, BODY[0], "GET / -> 200, in 3 ms", BODY[1], "", END, "the end", BODY[2]]
    kept = [BEGIN, "[redacted]", "GET / -> 200, in 3 ms", "[redacted]", "", *told[5:]]
    assert lines(told) == kept


def test_key_with_headers_and_several_lines_in_a_message_is_redacted() -> None:
    headers = "Proc-Type: 4,ENCRYPTED"
    assert lines([BEGIN, headers, "\n".join(BODY), END]) == [BEGIN, headers, "[redacted]", END]
    assert lines(["\n".join(KEY[:3]), "\n".join(KEY[3:])]) == [
        f"{BEGIN}\n[redacted]",
        f"[redacted]{END}",
    ]


def test_rest_of_a_key_is_told_by_its_end() -> None:
    assert lines(["before, a line", *BODY, END]) == ["before, a line", *GONE[1:]]


def test_key_in_one_message_does_not_hold_for_the_next() -> None:
    assert lines(["\n".join(KEY), BODY[0]])[1] == BODY[0]


def test_hashes_and_base64_alone_are_no_key() -> None:
    told = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", *BODY]
    assert lines(told) == told


async def stored(run: Run) -> list[str]:
    return [line.message for line in (await read_forward(run.id, 0, 1_000, 1_000, None)).lines]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_key_that_is_told_over_several_appends_is_redacted(
    service: Service, size: int
) -> None:
    run = await begin(service)
    told = ["before", *KEY, "after"]
    for offset in range(0, len(told), size):
        await append(service, run, offset, *told[offset : offset + size])
    kept = await stored(run)
    assert kept[:7] == ["before", *GONE[:6]]
    assert kept[8:] == [END, "after"]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
async def test_headers_of_a_key_do_not_break_it(service: Service, size: int) -> None:
    run = await begin(service)
    headers = ["Proc-Type: 4,ENCRYPTED", "12:00 DEK-Info: AES-128-CBC,00", ""]
    told = [KEY[0], *headers, *BODY[:-1], "after"]
    for offset in range(0, len(told), size):
        await append(service, run, offset, *told[offset : offset + size])
    kept = await stored(run)
    assert kept[:4] == [KEY[0], *headers]
    assert kept[-1] == "after"
    assert not set(BODY) & set(kept)


async def test_appends_of_a_key_told_again_in_other_pieces_are_known(service: Service) -> None:
    run = await begin(service)
    told = ["before", *KEY, "after"]
    await append(service, run, 0, *told[:3])
    await append(service, run, 2, *told[2:5])
    await append(service, run, 0, *told[:5])
    again = await append(service, run, 1, *told[1:])
    assert again.next_offset == len(told)
    assert await stored(run) == ["before", *GONE, "after"]


async def test_another_sources_line_between_does_not_break_a_key(service: Service) -> None:
    run = await begin(service)
    await append(service, run, 0, *KEY[:2])
    await append(service, run, 0, "from elsewhere", source="b")
    await append(service, run, 2, KEY[2], "after")
    await append(service, run, 1, BODY[0], source="b")
    assert await stored(run) == [*GONE[:2], "from elsewhere", "[redacted]", "after", BODY[0]]
