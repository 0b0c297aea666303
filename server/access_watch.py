"""Ends what stays open once the access ends by which it was opened.

A request is over in moments; a socket or a stream may stay for days, and its token may not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from models.transactions import is_passing
from resolvers.browser_logins import ended_among
from resolvers.identity import Identity
from resolvers.service import Service
from resolvers.tokens import revoked_among

log = structlog.get_logger(__name__)

#: Seconds after the end of a token or a login by which what it opened is closed, at the latest.
#: Each round costs one statement for all tokens and one for all logins, however much is open.
RECHECK_SECONDS = 5.0

#: Closes something, soon; it neither waits nor fails.
End = Callable[[], None]


class AccessWatch:
    """Everything that is open, by the identity that opened it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._open: dict[Identity, set[End]] = {}

    @contextmanager
    def during(self, identity: Identity, end: End) -> Iterator[None]:
        """Call `end` if the access ends within the block."""
        if identity.expires_at is None and identity.token_id is None:  # the local person
            yield
            return
        ends = self._open.setdefault(identity, set())
        ends.add(end)
        try:
            yield
        finally:
            ends.discard(end)
            if not ends and self._open.get(identity) is ends:
                del self._open[identity]

    async def over(self, identity: Identity) -> None:
        """Wait until the access is over, if it ever is."""
        event = asyncio.Event()
        with self.during(identity, event.set):
            await event.wait()

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop. An outage of the database is waited out.

        One that does not even refuse to answer is given up, so that it prolongs no expiry.
        """
        while not stop.is_set():
            try:
                async with asyncio.timeout(RECHECK_SECONDS):
                    await self.look()
            except Exception as error:
                if not is_passing(error):
                    log.exception("access not checked")
            with suppress(TimeoutError):
                async with asyncio.timeout(RECHECK_SECONDS):
                    await stop.wait()

    async def look(self) -> None:
        """One round."""
        now = self._service.clock()
        # First, since it needs no database.
        self._end(lambda identity: identity.is_over(now))
        tokens = {one.token_id for one in self._open if one.token_id is not None}
        revoked = await revoked_among(tokens) if tokens else set()
        logins = {one.login_id for one in self._open if one.login_id is not None}
        ended = await ended_among(logins) if logins else set()
        self._end(lambda identity: identity.token_id in revoked or identity.login_id in ended)

    def _end(self, is_over: Callable[[Identity], bool]) -> None:
        for identity in filter(is_over, list(self._open)):
            for end in list(self._open.get(identity, ())):
                end()
