"""Lists of rows are completed at once, and exactly as graphql-core completes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from graphql import ExecutionResult, execute, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph import rows
from graph.context import Context
from graph.schema import schema
from graph.types.log_batch import LogBatch
from live import follow_logs
from live.hub import Hub
from live.log_line import LogLine
from live.log_lines import LogLines
from models.instants import EPOCH, utc_now
from models.states import LogLevel, LogStream
from resolvers.service import Service
from resolvers.viewer import LOCAL_VIEWER
from server.graphql_answer import encode
from tests.support.reporting import append, begin, complete, run_id

RUN = UUID(int=1)


def line(sequence: int, **told: Any) -> LogLine:
    plain: dict[str, Any] = {
        "sequence": sequence,
        "at": utc_now() if sequence % 2 else EPOCH,
        "level": LogLevel(sequence % 4),
        "stream": LogStream(sequence % 3),
        "step_key": "build" if sequence % 3 else None,
        "attempt": 1,
        "source": "main",
        "message": f"line {sequence}\r\n\t\u2400 ü",
        "truncated_bytes": None,
    }
    return LogLine(**(plain | told))


def completed(selection: str, lines: Sequence[LogLine], executor: type) -> ExecutionResult:
    fields = schema.graphql.subscription_type.fields  # type: ignore[union-attr]
    batch = LogBatch.of(RUN, follow_logs.LogBatch(cast(LogLines, lines), len(lines)))
    document = (
        f'subscription ($no: Boolean = false) {{ logLines(runId: "r") {{ {selection} }} }}'
        "fragment More on LogLine { message level }"
    )
    resolve = fields["logLines"].resolve
    fields["logLines"].resolve = lambda *_, **__: batch
    try:
        result = execute(
            schema.graphql,
            parse(document),
            context_value=Context(Service(hub=Hub()), LOCAL_VIEWER),
            executor_class=executor,
        )
    finally:
        fields["logLines"].resolve = resolve
    assert isinstance(result, ExecutionResult)
    return result


def both(selection: str, lines: Sequence[LogLine]) -> tuple[ExecutionResult, ExecutionResult]:
    return (
        completed(selection, lines, rows.Executor),
        completed(selection, lines, StrawberryGraphQLCoreExecutionContext),
    )


def assert_same(selection: str, lines: Sequence[LogLine]) -> None:
    ours, stock = both(selection, lines)
    assert encode(ours.data) == encode(stock.data)
    assert ours.errors is None


@pytest.mark.parametrize(
    "selection",
    [
        "lines { sequence at level stream stepKey attempt source message truncatedBytes }",
        "lines { m: message again: message __typename } endCursor",
        "lines { ... on LogLine { sequence } ...More }",
        "lines { sequence message @include(if: $no) at @skip(if: $no) }",
        "lines { sequence } lines { message }",
    ],
)
def test_rows_are_what_graphql_core_makes_of_them(selection: str) -> None:
    lines = [line(n) for n in range(1, 9)]
    for rows_ in (lines, LogLines.of(lines)):
        assert_same(selection, rows_)


FIELDS = (
    *("sequence", "at", "level", "stream", "stepKey"),
    *("attempt", "source", "message", "truncatedBytes", "__typename"),
)
#: What may be taken for the marks with which texts are joined and cut apart.
ODD = (
    "",
    '"',
    "\\",
    "\0",
    "\\u0000",
    '\\","',
    "%s",
    "}",
    "\n",
    "ü",
    "\u2028",
    "\U0001f680",
    "\ud800",
)
TEXTS = st.lists(st.sampled_from((*ODD, "a", "u0000")), max_size=4).map("".join)
INTEGERS = st.integers(-(2**31), 2**31 - 1)
#: Up to the last microsecond of the year 9999.
TIMES = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999) | st.integers(0, 3_000_000)
LINES = st.builds(
    LogLine,
    sequence=INTEGERS,
    at=TIMES.map(lambda micros: EPOCH + timedelta(microseconds=micros)),
    level=st.sampled_from(LogLevel),
    stream=st.sampled_from(LogStream),
    step_key=st.none() | TEXTS,
    attempt=INTEGERS,
    source=TEXTS,
    message=TEXTS,
    truncated_bytes=st.none() | INTEGERS,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(FIELDS), min_size=1, unique=True),
    st.lists(LINES, max_size=8),
    st.lists(st.sampled_from(LogLine._fields), unique=True),
)
def test_any_selection_of_any_lines_is_what_graphql_core_makes_of_it(
    selected: list[str], lines: list[LogLine], alike: list[str]
) -> None:
    """`alike` are the fields in which all lines are as the first."""
    lines = [one._replace(**{name: getattr(lines[0], name) for name in alike}) for one in lines]
    for rows_ in (lines, LogLines.of(lines)):
        assert_same(f"lines {{ {' '.join(selected)} }} endCursor", rows_)


async def test_the_short_way_is_taken_by_real_operations(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every seam holds: Strawberry uses our executor, which finds the attributes of the fields."""
    taken: list[int] = []
    original = rows._completed

    def noting(columns: Any, lines: list[Any]) -> Any:
        taken.append(len(lines))
        return original(columns, lines)

    monkeypatch.setattr(rows, "_completed", noting)
    run = await begin(service)
    await append(service, run, 0, *"abcdefgh")
    await complete(service, run)
    document = f'subscription {{ logLines(runId: "{run_id(run)}") {{ lines {{ message }} }} }}'
    results = await schema.subscribe(document, context_value=Context(service, LOCAL_VIEWER))
    told = [result.data async for result in results]
    assert told[0] is not None
    lines = [{"message": letter} for letter in "abcdefgh"]
    assert encode(told[0]) == encode({"logLines": {"lines": lines}})
    assert taken == [8]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence": 2**31},
        {"sequence": None},
        {"message": None},
        {"level": "LOUD"},
        {"at": None},
    ],
)
def test_a_wrong_value_is_told_as_graphql_core_tells_it(wrong: dict[str, Any]) -> None:
    lines = [line(n) for n in range(1, 9)]
    lines[5] = lines[5]._replace(**wrong)
    ours, stock = both("lines { sequence at level message } endCursor", lines)
    assert ours.errors is not None
    assert ours.formatted == stock.formatted
