import { useMemo } from "react";
import type { RunStatus } from "../api/schema.gen.ts";
import { apiFilter, type Filter } from "./filter.ts";
import { RunCountsDocument } from "./stats.gen.ts";
import { useFresh } from "./useFresh.ts";

export interface Counts {
  of: (status: RunStatus) => number;
  /** Whatever their status. */
  all: number;
  /** Runs that match the whole filter. */
  matching: number;
  /** When the first of them began; null where there is none. */
  since: string | null;
}

/** How many runs there are of each status; undefined until it is known. */
export function useCounts(filter: Filter, version: number, pause: boolean): Counts | undefined {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the past hour ends later with each version.
  const variables = useMemo(() => ({ filter: apiFilter(filter, Date.now()) }), [filter, version]);
  const { data } = useFresh({ query: RunCountsDocument, variables, pause, version });
  return useMemo(() => {
    if (!data?.runStats) return undefined;
    const counts = new Map(data.runStats.byStatus.map(({ status, count }) => [status, count]));
    const of = (status: RunStatus) => counts.get(status) ?? 0;
    const sum = (statuses: readonly RunStatus[]) => statuses.reduce((total, status) => total + of(status), 0);
    const all = sum([...counts.keys()]);
    const wanted = filter.conditions.filter(
      ({ dimension, isExcluded }) => dimension === "status" && !isExcluded,
    );
    return {
      of,
      all,
      matching: wanted.length > 0 ? sum(wanted.map(({ value }) => value as RunStatus)) : all,
      since: data.runs.nodes[0]?.startedAt ?? null,
    };
  }, [data, filter]);
}
