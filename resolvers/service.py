"""What every operation needs besides its arguments: hub, clock, ids, secrets and the policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from live.hub import Hub
from live.log_looks import Looks
from models.ids import new_id
from models.instants import utc_now
from resolvers.group_commit import GroupCommit
from resolvers.redaction import Redactor, default_redactor
from resolvers.secrets import new_secret


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
    #: How long a browser stays logged in, at most: a working day and what comes after it.
    login_lifetime: timedelta = timedelta(hours=12)


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
    #: What its followers ask the store.
    looks: Looks = field(default_factory=Looks)
    #: What is told passes it before it is stored.
    redactor: Redactor = field(default_factory=default_redactor)
