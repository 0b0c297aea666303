"""Each filter, alone and combined: the database, the live predicate and a plain oracle agree."""

import random
from dataclasses import dataclass, fields
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from models.instants import MICROSECOND
from models.run import Run
from models.states import RunStatus, TriggerSource
from models.visibility import EVERYTHING
from resolvers.criteria import Choice
from resolvers.errors import BadInput
from resolvers.list_runs import INDEXED, MAX_BRANCHES, count_runs, list_runs
from resolvers.pages import PageRequest
from resolvers.run_filter import InstantRange, NumberRange, RunExclusion, RunFilter, filtered
from resolvers.run_order import OrderDirection, RunOrder, RunOrderField
from resolvers.service import Service
from tests.support.clock import START
from tests.support.factories import make_agent, make_cluster, make_run, run_of

RUNS = 150
FILTERS = 250

# Small vocabularies, so that filters hit, of texts that databases treat in ways of their own.
NAMES = [
    "etl",
    "ETL",
    "e_l",
    "e%l",
    "*",
    "straße",
    "STRASSE",
    "Ärger",
    "ärger",
    "it's",
    'a"b',
    "\\",
]
MANY = [f"agent {number}" for number in range(MAX_BRANCHES + 2)]
LABEL_NAMES = ["env", "Env", "team", 'q"', "\\"]
LABEL_VALUES = ["prod", "PROD", "pro", "", '","value":"', "ü", "%", "\\", "*"]
MESSAGES = [None, None, "Connection REFUSED by host", "100% of İstanbul", "a\x1fb"]
SEARCHES = [
    "etl", "E", "strasse", "SS", "%", "_", "*", "refused", "connection refused", "i̇stan", "run_",
    "it'", "\\", "b\x1f", "ext-", "", "nothing like it", "eu\x1f",
]  # fmt: skip
MOMENTS = [START + timedelta(seconds=seconds) for seconds in (0, 1, 60, 3600, 86400)]
MICROS = [0, 1, 100_000, 1_100_000, 1_500_000, 60_000_000, 3_600_000_001]
SECONDS = [0.0, 0.0000005, 0.000001, 0.1, 1.1, 1.5, 60.0, 3600.000001, 1e300, -1.0]


@dataclass(frozen=True)
class Facts:
    """A run as its maker knows it, before it is stored in any form."""

    run: Run
    agent: str
    cluster: str
    labels: list[tuple[str, str]]
    micros: int | None


def names_of(kind: str) -> list[str]:
    return [*NAMES, *(MANY if kind == "agent" else [])]


async def random_runs(source: random.Random) -> list[Facts]:
    agents = {name: await make_agent(name) for name in names_of("agent")}
    clusters = {name: await make_cluster(name) for name in names_of("cluster")}
    found = []
    for _ in range(RUNS):
        agent, cluster = source.choice(list(agents)), source.choice(list(clusters))
        status = source.choice(list(RunStatus))
        is_active = status in (RunStatus.RUNNING, RunStatus.RETRYING)
        micros = None if is_active else source.choice(MICROS)
        pairs = source.choices(LABEL_NAMES, k=source.randrange(4))
        labels = [(name, source.choice(LABEL_VALUES)) for name in pairs]
        started_at = source.choice(MOMENTS) + source.choice((-1, 0, 1)) * MICROSECOND
        run = run_of(
            agents[agent],
            clusters[cluster],
            status=status,
            started_at=started_at,
            seconds=None if micros is None else micros / 1_000_000,
            labels=labels,
            trigger_source=source.choice(list(TriggerSource)),
            trigger_name=source.choice(NAMES),
            trigger_external_id=source.choice((None, "EXT-1", "ext_2")),
            error_message=source.choice(MESSAGES),
            deleted_at=START if source.random() < 0.1 else None,
        )
        await run.save(force_create=True)
        found.append(Facts(run, agent, cluster, labels, micros))
    return found


# ---------------------------------------------------------------- the oracle


def should_match(facts: Facts, wanted: RunFilter) -> bool:
    run, completed_at = facts.run, facts.run.completed_at
    lasted = None if facts.micros is None else Fraction(facts.micros, 1_000_000)
    if facts.micros is not None:
        completed_at = run.started_at + timedelta(microseconds=facts.micros)
    return (
        (wanted.ids is None or run.id in wanted.ids)
        and shares_all(facts, wanted)
        and lies_in(run.started_at, wanted.started_at)
        and lies_in(None if facts.micros is None else completed_at, wanted.completed_at)
        and lies_in(lasted, wanted.duration_seconds, lambda number: Fraction(repr(number)))
        and (not wanted.search or is_found(facts, wanted.search))
        and not any(shares_all(facts, entry) for entry in wanted.exclude or ())
    )


def shares_all(facts: Facts, wanted: RunFilter | RunExclusion) -> bool:
    run = facts.run
    return (
        (wanted.statuses is None or run.status in wanted.statuses)
        and (wanted.agent_names is None or facts.agent in wanted.agent_names)
        and (wanted.cluster_names is None or facts.cluster in wanted.cluster_names)
        and (wanted.trigger_sources is None or run.trigger_source in wanted.trigger_sources)
        and (wanted.triggered_by is None or run.trigger_name in wanted.triggered_by)
        and (wanted.labels is None or has_labels(facts, wanted.labels))
    )


def has_labels(facts: Facts, wanted: tuple[tuple[str, str], ...]) -> bool:
    names = {name for name, _ in wanted}
    return bool(wanted) and all(
        any(pair in facts.labels for pair in wanted if pair[0] == name) for name in names
    )


def lies_in(value: Any, span: Any, exact: Any = lambda end: end) -> bool:
    if span is None or (span.start is None and span.until is None):
        return True
    if value is None:
        return False
    return (span.start is None or exact(span.start) <= value) and (
        span.until is None or value < exact(span.until)
    )


def is_found(facts: Facts, text: str) -> bool:
    run = facts.run
    places = (
        facts.agent,
        facts.cluster,
        run.trigger_name,
        run.trigger_external_id,
        run.error_message,
        f"run_{run.id}",
    )
    # The unit separator is for the service itself: in texts it is as good as a blank.
    needle = text.replace("\x1f", " ").casefold()
    return any(needle in (place or "").replace("\x1f", " ").casefold() for place in places)


# ---------------------------------------------------------------- random filters


def some(source: random.Random, values: list[Any]) -> tuple[Any, ...]:
    return tuple(source.choices(values, k=source.choice((0, 1, 1, 1, 2, 3))))


def span_of(source: random.Random, kind: Any, ends: list[Any]) -> Any:
    start, until = sorted(source.sample(ends, 2))
    return kind(start if source.random() < 0.7 else None, until if source.random() < 0.7 else None)


def random_filter(source: random.Random, stored: list[Facts], names: set[str]) -> RunFilter:
    """A filter with the criteria named."""
    agents = [*names_of("agent"), "nobody"]
    labels = [(name, value) for name in LABEL_NAMES for value in LABEL_VALUES]
    makers: dict[str, Any] = {
        "ids": lambda: some(source, [facts.run.id for facts in stored] + [UUID(int=7)]),
        "statuses": lambda: some(source, list(RunStatus)),
        "agent_names": lambda: tuple(MANY) if source.random() < 0.1 else some(source, agents),
        "cluster_names": lambda: some(source, [*NAMES, "nobody"]),
        "trigger_sources": lambda: some(source, list(TriggerSource)),
        "triggered_by": lambda: some(source, [*NAMES, "nobody"]),
        "started_at": lambda: span_of(source, InstantRange, MOMENTS),
        "completed_at": lambda: span_of(source, InstantRange, MOMENTS),
        "duration_seconds": lambda: span_of(source, NumberRange, SECONDS),
        "labels": lambda: some(source, labels),
        "search": lambda: source.choice(SEARCHES),
    }
    shared = [name for name in makers if name in {field.name for field in fields(RunExclusion)}]

    def exclusion() -> RunExclusion:
        chosen = source.sample(shared, source.choice((1, 1, 2)))
        return RunExclusion(**{name: makers[name]() for name in chosen})

    makers["exclude"] = lambda: tuple(exclusion() for _ in range(source.randrange(3)))
    return RunFilter(**{name: makers[name]() for name in makers if name in names})


CRITERIA = [field.name for field in fields(RunFilter) if field.init]


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_filter_alone_and_combined_agrees_with_the_oracle(
    service: Service, seed: int
) -> None:
    source = random.Random(seed)
    stored = await random_runs(source)
    wanted = [{name} for name in CRITERIA for _ in range(8)]
    wanted += [set(source.sample(CRITERIA, source.choice((2, 2, 3, 4)))) for _ in range(FILTERS)]
    matched = 0
    for names in wanted:
        run_filter = random_filter(source, stored, names)
        visible = [facts for facts in stored if facts.run.deleted_at is None]
        expected = {facts.run.id for facts in visible if should_match(facts, run_filter)}
        live = {f.run.id for f in visible if run_filter.matches(f.run, f.agent, f.cluster)}
        assert live == expected, run_filter
        order = RunOrder(source.choice(list(RunOrderField)), source.choice(list(OrderDirection)))
        page = await list_runs(EVERYTHING, run_filter, order, PageRequest(RUNS))
        keys = [(getattr(run, order.field.lower()), run.id) for run in page.items]
        assert {run.id for run in page.items} == expected, run_filter
        assert keys == sorted(keys, reverse=order.direction is OrderDirection.DESC), run_filter
        assert await count_runs(EVERYTHING, run_filter) == len(expected), run_filter
        matched += len(expected)
    assert matched > len(wanted)  # the filters are not so narrow that nothing is compared


async def test_a_row_read_back_matches_as_the_row_that_was_written(service: Service) -> None:
    run = await make_run(agent="etl", labels=[("env", "prod")], seconds=1.1)
    [stored] = await (await filtered(EVERYTHING, RunFilter()))
    for wanted in (
        RunFilter(ids=(run.id,)),
        RunFilter(statuses=(RunStatus.COMPLETED,)),
        RunFilter(trigger_sources=(TriggerSource.MANUAL,)),
        RunFilter(duration_seconds=NumberRange(1.1, 1.100001)),
        RunFilter(started_at=InstantRange(run.started_at, run.started_at + MICROSECOND)),
        RunFilter(labels=(("env", "prod"),)),
    ):
        assert wanted.matches(stored, "etl", "eu-1")


async def test_an_agent_made_after_the_filter_matches_by_its_name(service: Service) -> None:
    wanted = RunFilter(agent_names=("later",), cluster_names=("elsewhere",))
    assert await count_runs(EVERYTHING, wanted) == 0
    run = await make_run(agent="later", cluster="elsewhere")
    assert wanted.matches(run, "later", "elsewhere")
    assert await count_runs(EVERYTHING, wanted) == 1


def test_a_filter_that_asks_for_nothing_is_empty() -> None:
    for nothing in (
        RunFilter(),
        RunFilter(search=""),
        RunFilter(exclude=()),
        RunFilter(started_at=InstantRange(), completed_at=InstantRange()),
        RunFilter(duration_seconds=NumberRange()),
    ):
        assert nothing.is_empty
    for something in (
        RunFilter(ids=()),
        RunFilter(search=" "),
        RunFilter(completed_at=InstantRange(START)),
        RunFilter(exclude=(RunExclusion(statuses=()),)),
    ):
        assert not something.is_empty


def test_every_indexed_column_is_that_of_a_choice() -> None:
    whole = RunFilter(
        statuses=(), agent_names=(), cluster_names=(), trigger_sources=(), triggered_by=()
    )
    columns = {part.column for part in whole.criterion.parts if isinstance(part, Choice)}
    assert columns == set(INDEXED)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"started_at": InstantRange(START, START)},
            "filter.startedAt.until: expected a time after 2026-11-24T12:00:00.000000Z, "
            "got '2026-11-24T12:00:00.000000Z'",
        ),
        (
            {"completed_at": InstantRange(START, START - MICROSECOND)},
            "filter.completedAt.until: expected a time after 2026-11-24T12:00:00.000000Z, "
            "got '2026-11-24T11:59:59.999999Z'",
        ),
        (
            {"duration_seconds": NumberRange(2.0, 1.0)},
            "filter.durationSeconds.until: expected a number above 2.0, got 1.0",
        ),
        (
            {"duration_seconds": NumberRange(float("nan"), None)},
            "filter.durationSeconds.from: expected a number, got nan",
        ),
        (
            {"duration_seconds": NumberRange(None, float("inf"))},
            "filter.durationSeconds.until: expected a number, got inf",
        ),
        (
            {"search": "x" * 201},
            "filter.search: expected at most 200 characters, got 201 characters",
        ),
        (
            {"search": "a\0b"},
            "filter.search: expected text without NUL and lone surrogates, got U+0000",
        ),
        (
            {"agent_names": ("\ud800",)},
            "filter.agentNames: expected text without NUL and lone surrogates, got U+D800",
        ),
        (
            {"cluster_names": ("x" * 201,)},
            "filter.clusterNames: expected at most 200 characters, got 201 characters",
        ),
        (
            {"labels": (("env", "\0"),)},
            "filter.labels: expected text without NUL and lone surrogates, got U+0000",
        ),
        (
            {"exclude": (RunExclusion(statuses=()), RunExclusion(triggered_by=("\0",)))},
            "filter.exclude.1.triggeredBy: expected text without NUL and lone surrogates, "
            "got U+0000",
        ),
        (
            {"exclude": (RunExclusion(),)},
            "filter.exclude.0: expected an entry that says what to leave out, got an empty one",
        ),
        (
            {"exclude": (RunExclusion(statuses=()),) * 21},
            "filter.exclude: expected at most 20 values, got 21 values",
        ),
        (
            {"labels": (("a", "b"),) * 101},
            "filter.labels: expected at most 100 values, got 101 values",
        ),
        (
            {"ids": (UUID(int=1),) * 600, "triggered_by": ("a",) * 401},
            "filter: expected at most 1000 values, got 1001 values",
        ),
    ],
)
def test_a_filter_that_cannot_be_names_its_field(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        RunFilter(**given)
    assert caught.value.message == message
