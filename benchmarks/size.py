"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass

#: Runs of a page, in every figure about pages of runs.
PAGE_RUNS = 50
#: Lines of the run that the long one is compared with.
SHORT_LOG_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored, how often and how long is measured."""

    runs: int
    lines: int
    #: Rounds of each figure; what is told is their median.
    rounds: int = 3
    #: Seconds of load in one round.
    load_seconds: float = 1.5
    #: Requests of one round that are timed one after the other; the p99 is that of these.
    timed_requests: int = 100
    #: Requests for each cell of the table of filters.
    requests_per_cell: int = 5
    #: Appends of one round whose arrival at followers is timed.
    delivered_appends: int = 50
    #: Followers of one run, the many.
    followers: int = 50
    #: Followers of one run, where each message is counted; and runs with a follower each.
    crowd: int = 1_000
    #: Followers of one run that a busy reporter appends to, timed.
    timed_followers: int = 200
    #: Seconds that many runs get a line a second in one round.
    paced_seconds: int = 3
    #: Lines stored in one go, as fast as can be.
    stored_lines: int = 100_000

    @property
    def short_lines(self) -> int:
        """Lines of the run that the long one is compared with."""
        return min(SHORT_LOG_LINES, self.lines // 2)

    @property
    def deep_page(self) -> int:
        """The number of the page, from 1, that page 1 is compared with."""
        return min(1_000, self.runs // PAGE_RUNS // 2)


def quick() -> Size:
    """Everything once and small: shows that it works, and says nothing about speed."""
    return Size(
        runs=1_000,
        lines=10_000,
        rounds=1,
        load_seconds=0.5,
        timed_requests=10,
        requests_per_cell=1,
        delivered_appends=10,
        followers=5,
        crowd=20,
        timed_followers=5,
        paced_seconds=1,
        stored_lines=5_000,
    )
