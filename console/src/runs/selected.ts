// What is done to many runs: which they are, for the API, and asking them to stop, page by page.
import type { Client, OperationResult } from "urql";
import type { RunFilter, RunStatus } from "../api/schema.gen.ts";
import {
  CancellableRunsDocument,
  type CancellableRunsQuery,
  type CancellableRunsQueryVariables,
  CancelSelectionDocument,
} from "./actions.gen.ts";
import { apiFilter, type Filter } from "./filter.ts";
import type { Selection } from "./useSelection.ts";

/** The runs of a selection, at a moment in milliseconds. */
export function selectionFilter(selection: Selection, filter: Filter, now: number): RunFilter {
  if (selection !== "all") return { ids: [...selection.ids] };
  const wanted = apiFilter(filter, now);
  // What begins from now on was seen by nobody. And the service deletes nothing by an empty filter.
  const until = wanted.startedAt?.until ?? new Date(now).toISOString();
  return { ...wanted, startedAt: { ...wanted.startedAt, until } };
}

/** Runs in a call: each is a transaction of its own, and whoever waits sees how far it is. */
const CALL_SIZE = 100;
const ACTIVE: readonly RunStatus[] = ["RUNNING", "RETRYING"];

export interface Cancelled {
  asked: number;
  /** Sentences of the service on those that were not asked. */
  refusals: string[];
}

/** Ask all of them that are under way to stop. `onProgress` hears how many were asked so far. Throws CombinedError. */
export async function cancelAll(
  client: Client,
  runs: RunFilter,
  onProgress: (asked: number) => void,
): Promise<Cancelled> {
  const result: Cancelled = { asked: 0, refusals: [] };
  for (const ids of chunks(await cancellable(client, runs))) {
    const { data, error } = await client.mutation(CancelSelectionDocument, { input: { ids } }).toPromise();
    if (error) throw error;
    result.asked += data?.cancelRuns.runs.length ?? 0;
    result.refusals.push(...(data?.cancelRuns.userErrors.map(({ message }) => message) ?? []));
    onProgress(result.asked);
  }
  return result;
}

/** The ids first: a run that was asked may leave the filter, and pages would have gaps. */
async function cancellable(client: Client, runs: RunFilter): Promise<string[]> {
  const statuses = runs.statuses ? ACTIVE.filter((status) => runs.statuses?.includes(status)) : [...ACTIVE];
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const variables: CancellableRunsQueryVariables = {
      filter: { ...runs, statuses },
      first: CALL_SIZE,
      after,
    };
    const fresh = { requestPolicy: "network-only" } as const;
    const { data, error }: OperationResult<CancellableRunsQuery> = await client
      .query(CancellableRunsDocument, variables, fresh)
      .toPromise();
    if (error || !data) throw error;
    ids.push(...data.runs.nodes.filter(({ viewerCanCancel }) => viewerCanCancel).map(({ id }) => id));
    after = data.runs.pageInfo.hasNextPage ? data.runs.pageInfo.endCursor : null;
  } while (after);
  return ids;
}

function chunks(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / CALL_SIZE);
  return Array.from({ length: count }, (_, index) => ids.slice(index * CALL_SIZE, (index + 1) * CALL_SIZE));
}
