"""Lists of rows are completed at once, and exactly as graphql-core completes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph import rows
from graph.context import Context
from graph.schema import schema
from graph.types.log_batch import LogBatch
from live import follow_logs
from live.log_line import LogLine
from models.instants import EPOCH, utc_now
from models.states import LogLevel, LogStream
from resolvers.service import LOCAL_VIEWER, Service
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


def completed(selection: str, lines: list[LogLine], executor: type) -> ExecutionResult:
    fields = schema.graphql.subscription_type.fields  # type: ignore[union-attr]
    batch = LogBatch.of(RUN, follow_logs.LogBatch(lines, len(lines)))
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
            executor_class=executor,
        )
    finally:
        fields["logLines"].resolve = resolve
    assert isinstance(result, ExecutionResult)
    return result


def both(selection: str, lines: list[LogLine]) -> tuple[ExecutionResult, ExecutionResult]:
    return (
        completed(selection, lines, rows.Executor),
        completed(selection, lines, StrawberryGraphQLCoreExecutionContext),
    )


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
    ours, stock = both(selection, [line(n) for n in range(1, 9)])
    assert ours == stock
    assert ours.errors is None


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
    assert told[0]["logLines"]["lines"] == [{"message": letter} for letter in "abcdefgh"]
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
