"""Who somebody is, by the secret that they show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resolvers.viewer import LOCAL_VIEWER, NOBODY, Viewer


@dataclass(frozen=True, slots=True)
class Identity:
    """A viewer, and how long they are one."""

    viewer: Viewer
    #: From then on the secret is worth nothing; None: it never expires by itself.
    expires_at: datetime | None = None
    #: The token that was shown, by which access can be taken away before.
    token_id: UUID | None = None
    #: The browser's login that was shown.
    login_id: UUID | None = None

    def is_over(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


LOCAL = Identity(LOCAL_VIEWER)
ANONYMOUS = Identity(NOBODY)
