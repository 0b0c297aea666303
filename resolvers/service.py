"""What every operation needs besides its arguments: hub, clock, ids, secrets and the policy."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from live.hub import Hub
from models.ids import new_id
from models.instants import utc_now
from resolvers.group_commit import GroupCommit
from resolvers.redaction import Redactor, default_redactor

#: 256 bits, in 43 URL-safe characters: out of reach of guessing.
SECRET_BYTES = 32


class Role(StrEnum):
    VIEWER = "VIEWER"
    REPORTER = "REPORTER"
    OPERATOR = "OPERATOR"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks."""

    name: str
    role: Role

    @property
    def rights(self) -> Hashable:
        """Equal only for viewers who may see the same, and see it alike."""
        return self


#: Without authentication configured the service listens on loopback only, for one person.
LOCAL_VIEWER = Viewer("local", Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Policy:
    """The service's promises in time, and where it is found."""

    #: Makes every address that is handed out; without a slash at its end.
    public_url: str = "http://127.0.0.1:8000"
    #: How long a deletion can be undone; zero purges at the next round.
    delete_grace: timedelta = timedelta(hours=24)
    #: A reporter that was silent for this long is lost.
    silence: timedelta = timedelta(minutes=5)
    #: A run that was asked to cancel and whose reporter has not confirmed for this long is ended.
    cancel_grace: timedelta = timedelta(seconds=60)
    #: How often a reporter with nothing to say should say so.
    heartbeat: timedelta = timedelta(seconds=15)
    #: Lines that come so soon after a batch travel together in the next; a lone one leaves at once.
    batch_window: timedelta = timedelta(milliseconds=5)


def new_secret() -> str:
    """A fresh URL-safe secret of SECRET_BYTES."""
    return secrets.token_urlsafe(SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class Service:
    """Passed to every operation, so that time, ids and randomness come from outside."""

    hub: Hub
    policy: Policy = field(default_factory=Policy)
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], UUID] = new_id
    new_secret: Callable[[], str] = new_secret
    #: The appends under way in this process.
    appends: GroupCommit = field(default_factory=GroupCommit)
    #: What is told passes it before it is stored.
    redactor: Redactor = field(default_factory=default_redactor)
