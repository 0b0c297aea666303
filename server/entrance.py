"""What every door of the service needs: who comes in, how much they may ask, how long they stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Self

from graph.context import Context
from graph.limits import DOCUMENT_LIMITS, DocumentLimits
from graph.schema import looked_through
from resolvers.service import Service
from resolvers.viewer import Viewer
from server.access_watch import AccessWatch
from server.authentication import Authentication, LookUp
from server.gate import Gate
from server.persisted import PersistedDocuments


@dataclass(frozen=True, slots=True)
class Entrance:
    """Of one serving process."""

    service: Service
    authentication: Authentication
    watch: AccessWatch
    gate: Gate
    limits: DocumentLimits
    documents: PersistedDocuments

    @classmethod
    def of(
        cls,
        service: Service,
        *,
        requires_login: bool = False,
        of_provider: LookUp | None = None,
        gate: Gate | None = None,
        limits: DocumentLimits = DOCUMENT_LIMITS,
        documents: PersistedDocuments | None = None,
    ) -> Self:
        """With the defaults of what is not told; `of_provider` as in Authentication."""
        return cls(
            service,
            Authentication(service, required=requires_login, of_provider=of_provider),
            AccessWatch(service),
            gate or Gate(),
            limits,
            documents or PersistedDocuments(partial(looked_through, limits=limits)),
        )

    def context(self, viewer: Viewer) -> Context:
        """What an operation of the viewer runs in."""
        return Context(self.service, viewer, limits=self.limits)
