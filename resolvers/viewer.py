"""Who asks, and what they may."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from models.visibility import EVERYTHING, Scope


class Role(StrEnum):
    """What somebody is here for; resolvers/rights.py says what each may."""

    VIEWER = "VIEWER"
    REPORTER = "REPORTER"
    OPERATOR = "OPERATOR"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks."""

    #: For people: in the audit, and wherever it is told who did something.
    name: str
    #: None for somebody who did not say who they are.
    role: Role | None
    #: The same over all of somebody's tokens and logins, `token:ci` or `oidc:4711`: what a reporter
    #: started belongs to it.
    principal: str = "local"
    scope: Scope = EVERYTHING
    #: How they said who they are, for the audit: `token ar_3fk29d…`.
    via: str = "local"
    #: The Copilot session in which they ask, as the client says. It gives no right and takes none.
    copilot_session: str | None = None

    @property
    def rights(self) -> Hashable:
        """Equal only for viewers who may see the same, and see it alike."""
        return self.role, self.scope

    def within(self, copilot_session: str | None) -> Self:
        """The same viewer, asking in this Copilot session."""
        return replace(self, copilot_session=copilot_session) if copilot_session else self

    def owns(self, principal: str) -> bool:
        """Whether a reporter may write what this principal started."""
        return self.role is Role.ADMIN or self.principal == principal


#: Without authentication configured the service listens on loopback only, for one person.
LOCAL_VIEWER = Viewer("local", Role.ADMIN)
#: The service itself, at its chores.
SERVICE = Viewer("agent-runs", Role.ADMIN, principal="service", via="worker")
#: Somebody who did not say who they are, where that is asked for: sees what is shared by a secret.
NOBODY = Viewer("nobody", None, principal="", scope=Scope(frozenset(), frozenset()), via="")
