"""What is read."""

from __future__ import annotations

import strawberry

from graph.arguments import After, Before, First, Last, NameContains
from graph.connections import Connection
from graph.context import Info
from graph.fields import computed
from graph.ids import parse_key, parse_node_key
from graph.inputs.run_filter import RunFilter, plain_filter
from graph.inputs.run_order import NEWEST_FIRST, RunOrder
from graph.nodes import as_node
from graph.present import present
from graph.run_lists import run_connection
from graph.types.agent import Agent
from graph.types.audit_entry import AuditEntry
from graph.types.cluster import Cluster
from graph.types.deletion import Deletion
from graph.types.node import Node
from graph.types.run import Run
from graph.types.run_stats import RunStats
from graph.types.shared_report import SharedReport
from graph.types.viewer import Viewer
from models.ids import Kind
from resolvers.audit import count_entries, list_entries
from resolvers.errors import BadInput, counted
from resolvers.find_nodes import find_nodes, find_run
from resolvers.list_deletions import count_deletions, list_deletions
from resolvers.list_names import count_agents, count_clusters, list_agents, list_clusters
from resolvers.pages import PageRequest
from resolvers.share_report import find_shared_report

#: Ids of one call of `nodes`: as many as a page of a client's cache refreshes at once.
MAX_NODES = 100


@strawberry.type(description="What is read.")
class Query:
    @computed("Anything by its id; null where it is not there. A malformed id is an error.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        [row] = await find_nodes(info.context.viewer, [parse_node_key(id, "id")])
        return as_node(row)

    @computed("Several of any kind, in the order of `ids`; at most 100.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise BadInput("ids", f"at most {MAX_NODES} ids", counted(len(ids), "ids"))
        keys = [parse_node_key(text, "ids") for text in ids]
        rows = await find_nodes(info.context.viewer, keys)
        return [as_node(row) for row in rows]

    @computed("One run; null where the id is well-formed but of no run that the viewer can see.")
    async def run(self, info: Info, id: strawberry.ID) -> Run | None:
        key = parse_key(Kind.RUN, id, "id")
        return Run.maybe_of(await find_run(info.context.scope, key))

    @computed("Runs: 20 unless told otherwise, 200 at most.")
    async def runs(
        self,
        info: Info,
        filter: RunFilter | None = None,
        order_by: RunOrder | None = NEWEST_FIRST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Run]:
        request = PageRequest.of(first, after, last, before)
        order = (order_by or NEWEST_FIRST).plain()
        return await run_connection(info.context.scope, plain_filter(filter), order, request)

    @computed("Numbers about the runs that match.")
    def run_stats(self, info: Info, filter: RunFilter | None = None) -> RunStats | None:
        return RunStats(scope=info.context.scope, run_filter=plain_filter(filter))

    @computed("Agents by name: 20 unless told otherwise, 200 at most.")
    async def agents(
        self,
        info: Info,
        name_contains: NameContains = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Agent]:
        scope, request = info.context.scope, PageRequest.of(first, after, last, before)
        page = await list_agents(scope, name_contains, request)
        return Connection.of(page, Agent.of, lambda: count_agents(scope, name_contains))

    @computed("Clusters by name: 20 unless told otherwise, 200 at most.")
    async def clusters(
        self,
        info: Info,
        name_contains: NameContains = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Cluster]:
        scope, request = info.context.scope, PageRequest.of(first, after, last, before)
        page = await list_clusters(scope, name_contains, request)
        return Connection.of(page, Cluster.of, lambda: count_clusters(scope, name_contains))

    @computed(
        "What a link to a report shows; takes no login. Null for one that is unknown, expired "
        "or revoked, and for one whose run was deleted, all alike."
    )
    async def shared_report(self, info: Info, token: str) -> SharedReport | None:
        return SharedReport.maybe_of(await find_shared_report(info.context.service, token))

    @computed("What can still be restored, the newest first.")
    async def deletions(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[Deletion]:
        service, scope = info.context.service, info.context.scope
        page = await list_deletions(service, scope, PageRequest.of(first, after, None, None))
        return Connection.of(page, Deletion.of, lambda: count_deletions(service, scope))

    @computed("Who did what, the newest first; for admins.")
    async def audit_entries(
        self, first: First = None, after: After = None
    ) -> Connection[AuditEntry]:
        page = await list_entries(PageRequest.of(first, after, None, None))
        return Connection.of(page, AuditEntry.of, count_entries)

    @computed("Who asks.")
    def viewer(self, info: Info) -> Viewer:
        viewer = info.context.viewer
        return Viewer(name=viewer.name, role=present(viewer.role, "role"))
