"""What every resolver of one operation shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import strawberry

from resolvers.loaders import Loaders
from resolvers.service import Service, Viewer


@dataclass(slots=True)
class Context:
    """One operation's service, viewer and loaders.

    A loader remembers what it answered, so it must not outlive the answer that it works for: an
    operation gets a context of its own, and a subscription renews the loaders before each event.
    """

    service: Service
    viewer: Viewer
    loaders: Loaders = field(default_factory=Loaders)

    def fresh(self) -> Context:
        """The same for another operation: a socket, which carries many, has one context."""
        return Context(self.service, self.viewer)

    def renew_loaders(self) -> None:
        """Forget what was read: something happened since."""
        self.loaders = Loaders()


Info: TypeAlias = strawberry.Info[Context, None]
