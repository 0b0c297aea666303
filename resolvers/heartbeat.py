"""heartbeat: a reporter with nothing to say says so."""

from __future__ import annotations

from models.run import Run
from models.run_change import RunChange
from resolvers.reporter import ended, report
from resolvers.service import Service
from resolvers.uninterrupted import uninterrupted
from resolvers.viewer import Viewer


@uninterrupted
async def heartbeat(service: Service, viewer: Viewer, run_id: str, attempt: int) -> Run:
    """Note a sign of life. RUN_ENDED tells a reporter that comes back too late."""

    async def tell(change: RunChange) -> Run:
        if not change.run.is_active:
            raise ended(change.run)
        return change.run

    return await report(service, viewer, run_id, attempt, tell)
