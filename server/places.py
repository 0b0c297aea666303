"""Places: how many of something there may be at once, in all and for each client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class LimitReached(Exception):
    """A client wants more than it may have; the sentence is meant for it."""

    def __init__(self, setting: str, limit: float, message: str, status: int, retry: int) -> None:
        super().__init__(message)
        self.message = f"{message} ({setting})"
        self.setting = setting
        self.limit = limit
        self.status = status
        #: Seconds after which another try may succeed.
        self.retry_after = retry

    @property
    def extensions(self) -> dict[str, object]:
        """As GraphQL's errors have them."""
        return {"code": "LIMIT_EXCEEDED", "setting": self.setting, "limit": self.limit}


#: Seconds until one who found no place may look again.
RETRY_SECONDS = 5


@dataclass(slots=True)
class Place:
    """One that is held, and by which client."""

    client: str


class Places:
    """Those of one kind, such as sockets. `setting` is the one of them all: MAX_SOCKETS."""

    def __init__(self, what: str, setting: str, in_all: int, per_client: int) -> None:
        self._what, self._setting = what, setting
        self._in_all, self._per_client = in_all, per_client
        self._taken: Counter[str] = Counter()
        self._total = 0

    @contextmanager
    def taken(self, client: str) -> Iterator[Place]:
        """Hold a place for the length of the block. Raises LimitReached where there is none."""
        self._check(client)
        place = Place(client)
        self._count(client, 1)
        try:
            yield place
        finally:
            self._count(place.client, -1)

    def move(self, place: Place, client: str) -> None:
        """Count a place for another client. Raises LimitReached, and the place stays as it was."""
        if client == place.client:
            return
        self._check_client(client)
        self._count(place.client, -1)
        self._count(client, 1)
        place.client = client

    def _count(self, client: str, change: int) -> None:
        self._total += change
        self._taken[client] += change
        if not self._taken[client]:
            del self._taken[client]

    def _check(self, client: str) -> None:
        self._check_client(client)
        if self._total >= self._in_all:
            message = f"expected at most {self._in_all} {self._what} at once"
            raise LimitReached(self._setting, self._in_all, message, 503, RETRY_SECONDS)

    def _check_client(self, client: str) -> None:
        if self._taken[client] >= self._per_client:
            message = f"expected at most {self._per_client} {self._what} of one client at once"
            setting = f"{self._setting}_PER_CLIENT"
            raise LimitReached(setting, self._per_client, message, 429, RETRY_SECONDS)
