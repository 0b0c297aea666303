"""What every resolver of one operation shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias

import strawberry

from graph.limits import DOCUMENT_LIMITS, DocumentLimits
from live.stretch import Stretch
from models.visibility import Scope
from resolvers.answer_size import AnswerSize
from resolvers.loaders import Loaders
from resolvers.service import Service
from resolvers.viewer import Viewer

#: Pages of logs that one operation reads at once: each may hold some MiB, also while it is read.
LOG_PAGES_AT_ONCE = 4


@dataclass(slots=True)
class Context:
    """One operation's service, viewer and loaders.

    A loader remembers what it answered, so it must not outlive the answer that it works for: an
    operation gets a context of its own, and a subscription renews the loaders before each event.
    """

    service: Service
    viewer: Viewer
    #: Of a subscription that is sent in stretches, the one to send; None for all of it.
    stretch: Stretch | None = None
    limits: DocumentLimits = DOCUMENT_LIMITS
    #: Of the answer; without a limit in subscriptions, whose events are bounded by what they hold.
    answer_size: AnswerSize = field(default_factory=AnswerSize)
    _loaders: Loaders | None = None
    _log_pages: asyncio.Semaphore | None = None

    @property
    def loaders(self) -> Loaders:
        """Made where one is needed: a socket that only follows holds none."""
        if self._loaders is None:
            self._loaders = Loaders(self.scope, self.answer_size)
        return self._loaders

    @property
    def log_pages(self) -> asyncio.Semaphore:
        """Held while a page of a log is read, so that not all of them are in memory at once."""
        if self._log_pages is None:
            self._log_pages = asyncio.Semaphore(LOG_PAGES_AT_ONCE)
        return self._log_pages

    @property
    def scope(self) -> Scope:
        """What the viewer may see."""
        return self.viewer.scope

    def fresh(self) -> Context:
        """The same for another operation: a socket, which carries many, has one context."""
        return Context(self.service, self.viewer, self.stretch, self.limits)

    def of_stretch(self, stretch: Stretch) -> Context:
        """The same for one stretch of a subscription."""
        return Context(self.service, self.viewer, stretch, self.limits)

    def renew_loaders(self) -> None:
        """Forget what was read: something happened since."""
        self._loaders = None


Info: TypeAlias = strawberry.Info[Context, None]
