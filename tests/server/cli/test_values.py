"""What people write on the command line, and what a command leaves behind as its report."""

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from server.cli.cluster_address import Address
from server.cli.report_file import MAX_REPORT_BYTES, UnreadableReport, read_report
from server.cli.times import duration, instant_of
from server.cli.told_values import inputs_of, labels_of

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def sent(text: str | None, *pairs: str) -> str:
    return orjson.dumps(inputs_of(text, pairs)).decode()


def test_input_is_json_where_it_reads_as_such_and_text_else() -> None:
    pairs = ("n=3", "s=three", 'q="3"', "l=[1, 2]", "e=", "t=true", "x=NaN", "k=a=b")
    assert json.loads(sent(None, *pairs)) == {
        "n": 3,
        "s": "three",
        "q": "3",
        "l": [1, 2],
        "e": "",
        "t": True,
        "x": "NaN",
        "k": "a=b",
    }


def test_inputs_keep_their_order_and_the_digits_of_their_numbers() -> None:
    text = '{"b":1.10,"a":123456789012345678901234567890,"c":{"z":1e2,"y":-0}}'
    assert sent(text) == text


def test_input_stands_above_inputs() -> None:
    assert sent('{"a":1,"b":2}', "a=3") == '{"a":3,"b":2}'


@pytest.mark.parametrize("text", ["[1]", "{", "3", "", '{"a": NaN}', "[" * 100_000])
def test_inputs_that_are_no_object_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        inputs_of(text, ())


@pytest.mark.parametrize("pair", ["name", "=value", ""])
def test_label_without_a_name_or_a_value_is_refused(pair: str) -> None:
    with pytest.raises(ValueError, match="--label: expected NAME=VALUE"):
        labels_of([pair])


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("90s", "2026-11-24T11:58:30.000000Z"),
        ("24h", "2026-11-23T12:00:00.000000Z"),
        ("2w", "2026-11-10T12:00:00.000000Z"),
        ("2026-11-24T08:00:00.5+02:00", "2026-11-24T06:00:00.500000Z"),
        ("2026-11-24T08:00Z", "2026-11-24T08:00:00.000000Z"),
    ],
)
def test_time_is_a_span_back_from_now_or_iso(text: str, instant: str) -> None:
    assert instant_of(text, NOW) == instant


def test_time_without_a_zone_is_local() -> None:
    local = datetime(2026, 11, 24).astimezone(UTC)
    assert instant_of("2026-11-24", NOW) == f"{local:%Y-%m-%dT%H:%M:%S.%fZ}"


@pytest.mark.parametrize("text", ["yesterday", "24", "24 h", "-1h", "2026-13-01", "999999w", ""])
def test_time_that_is_none_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as"):
        instant_of(text, NOW)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0.04, "0.0 s"),
        (59.96, "60.0 s"),
        (60, "1 min 00 s"),
        (245, "4 min 05 s"),
        (7380, "2 h 03 min"),
        (273_600, "3 d 04 h"),
    ],
)
def test_duration_reads_well(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def test_address_of_a_cluster() -> None:
    assert Address.parse("cluster.example:6443") == Address("cluster.example", 6443)
    assert Address.parse("[::1]:80") == Address("::1", 80)
    assert str(Address("::1", 80)) == "[::1]:80"


@pytest.mark.parametrize("text", ["cluster", ":80", "host:", "host:0", "host:65536", "host:x", ""])
def test_address_without_host_or_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT"):
        Address.parse(text)


def test_markdown_report_takes_its_title_from_its_first_heading(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("\n# What was done #\n\n- much\n# More\n")
    assert read_report(file) == {
        "title": "What was done",
        "sections": [{"text": {"heading": "notes.md", "markdown": "\n- much\n# More\n"}}],
    }


def test_markdown_report_without_a_heading_is_called_as_its_file(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("just text")
    assert read_report(file)["title"] == "notes"


def test_json_report_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text('{"title": "T", "sections": []}')
    assert read_report(file) == {"title": "T", "sections": []}


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b" " * (MAX_REPORT_BYTES + 1)])
def test_report_that_is_none_says_why(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(data)
    with pytest.raises(UnreadableReport, match=str(file)):
        read_report(file)


def test_report_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReport, match="No such file"):
        read_report(tmp_path / "report.json")
