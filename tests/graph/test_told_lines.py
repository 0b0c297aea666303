"""Lines taken in all at once are what they would have been one by one, and so are their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from graphql import parse
from graphql.execution.values import VariableValues
from hypothesis import given
from hypothesis import strategies as st
from strawberry.types.arguments import convert_argument

from graph import told_lines
from graph.inputs.append_logs import AppendLogsInput
from graph.rows import Executor
from graph.schema import schema
from graph.told_lines import TakenOut
from resolvers.commands import AppendLogs
from tests.graph.support import PATH, Api, start

DOCUMENT = "mutation ($input: AppendLogsInput!) { appendLogs(input: $input) { nextOffset } }"

TIMES = st.sampled_from(["2026-11-24T01:47:19Z", "2026-11-24T01:47:19.1234567+02:00", None])
PLAIN = st.fixed_dictionaries(
    {"message": st.text(max_size=5)},
    optional={
        "at": TIMES,
        "level": st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", None]),
        "stream": st.sampled_from(["STDOUT", "STDERR", "SYSTEM", None]),
        "stepKey": st.none() | st.text(max_size=3),
    },
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        1,
        "text",
        [],
        {},
        {"message": 1},
        {"message": None},
        {"message": "x", "at": "yesterday"},
        {"message": "x", "at": 7},
        {"message": "x", "level": "LOUD"},
        {"message": "x", "level": 1},
        {"message": "x", "level": []},
        {"message": "x", "stream": "stdout"},
        {"message": "x", "stepKey": 5},
        {"message": "x", "colour": "red"},
    ]
)


@contextmanager
def one_by_one() -> Iterator[None]:
    """No line is plain, so graphql-core coerces all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(told_lines, "told_lines", lambda lines: None)
        yield


def built(told: dict[str, Any]) -> AppendLogs | list[str]:
    """What the resolver is told, or the errors."""
    executor = Executor.build(schema.graphql, parse(DOCUMENT), None, None, {"input": told})
    if isinstance(executor, list):
        return [error.message for error in executor]
    value = executor.variable_values.coerced["input"]
    registry = schema.schema_converter.scalar_registry
    converted = convert_argument(value, AppendLogsInput, registry, schema.config)
    assert isinstance(converted, AppendLogsInput)
    return converted.plain()


@given(
    lines=st.lists(PLAIN, max_size=5),
    others=st.fixed_dictionaries(
        {"runId": st.text(max_size=3), "offset": st.integers(0, 9)},
        optional={"attempt": st.none() | st.integers(1, 3), "source": st.none() | st.text()},
    ),
)
def test_plain_lines_are_the_same_both_ways(
    lines: list[dict[str, Any]], others: dict[str, Any]
) -> None:
    told = {**others, "lines": lines}
    taken = TakenOut.of({"input": told})
    assert taken is not None
    assert len(taken.lines) == len(lines)
    at_once = built(told)
    with one_by_one():
        assert at_once == built(told)
    assert isinstance(at_once, AppendLogs)


@given(lines=st.lists(PLAIN | ODD, min_size=1, max_size=4), offset=st.integers(0, 1) | st.none())
def test_errors_are_the_same_both_ways(lines: list[Any], offset: int | None) -> None:
    told = {"runId": "run_x", "offset": offset, "lines": lines}
    at_once = built(told)
    with one_by_one():
        assert at_once == built(told)


@pytest.mark.parametrize("lines", [{"message": "one"}, None, "text", [[{"message": "x"}]]])
def test_what_is_no_list_of_lines_is_left_to_graphql(lines: Any) -> None:
    told = {"runId": "run_x", "offset": 0, "lines": lines}
    at_once = built(told)
    with one_by_one():
        assert at_once == built(told)


def test_the_source_of_a_variable_stays_what_was_told() -> None:
    told = {"runId": "run_x", "offset": 0, "lines": [{"message": "x"}]}
    executor = Executor.build(schema.graphql, parse(DOCUMENT), None, None, {"input": told})
    assert isinstance(executor, Executor)
    assert isinstance(executor.variable_values, VariableValues)
    assert executor.variable_values.sources["input"].value is told


async def test_lines_of_a_variable_of_another_type_are_left_alone(api: Api) -> None:
    text = """mutation ($x: JSON!) { startRun(input: {agent: {name: "a"}, cluster: "c",
        trigger: {source: MANUAL, name: "t"}, inputs: $x}) { run { inputs } } }"""
    given_ = {"lines": [{"message": "x"}, {"message": "y"}]}
    answer = await api.http.post(PATH, json={"query": text, "variables": {"x": given_}})
    assert answer.json()["data"]["startRun"]["run"]["inputs"] == given_


async def test_lines_are_stored_by_variable_and_by_literal_alike(api: Api) -> None:
    run_id = await start(api)
    by_variable = {
        "runId": run_id,
        "offset": 0,
        "lines": [{"message": "a", "level": "ERROR"}, {"message": "b", "stepKey": "s"}],
    }
    query = """mutation ($input: AppendLogsInput!) {
        appendLogs(input: $input) { nextOffset run { logs(first: 9) { nodes {
            message level stream stepKey } } } } }"""
    answer = await api.http.post(PATH, json={"query": query, "variables": {"input": by_variable}})
    literal = f"""mutation {{ appendLogs(input: {{ runId: "{run_id}", offset: 2, lines: [
        {{ message: "a", level: ERROR }}, {{ message: "b", stepKey: "s" }} ] }}) {{
        nextOffset run {{ logs(first: 9) {{ nodes {{ message level stream stepKey }} }} }} }} }}"""
    again = await api.http.post(PATH, json={"query": literal})
    first = answer.json()["data"]["appendLogs"]
    second = again.json()["data"]["appendLogs"]
    assert (first["nextOffset"], second["nextOffset"]) == (2, 4)
    assert second["run"]["logs"]["nodes"] == first["run"]["logs"]["nodes"] * 2
