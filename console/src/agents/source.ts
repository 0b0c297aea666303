// Where the rows of a page of names come from: agents and clusters are asked for alike.
import { type CombinedError, useQuery } from "urql";
import type { RunFilter } from "../api/schema.gen.ts";
import { word } from "../parts/words.ts";
import {
  AgentsDocument,
  ClustersDocument,
  type LatestFragment,
  type NumbersFragment,
  NumbersOfDocument,
} from "./agents.gen.ts";

export interface Row {
  id: string;
  name: string;
  /** What else is known of it, in few words. */
  note: string;
  /** Its latest runs, the last one first. */
  latest: readonly LatestFragment[];
}

/** Which page of the names. */
export interface Page {
  first: number;
  after: string | null;
  contains: string | null;
}

export interface Rows {
  /** Absent until they are there. */
  rows: readonly Row[] | undefined;
  /** The cursor of what lies behind them; null where that is nothing. */
  next: string | null;
  error: CombinedError | undefined;
  retry: () => void;
}

export interface Numbers {
  /** By id; of those that have come. */
  byId: ReadonlyMap<string, NumbersFragment>;
  error: CombinedError | undefined;
  retry: () => void;
}

export interface Source {
  noun: "agent" | "cluster";
  useRows: (page: Page) => Rows;
}

export const agents: Source = {
  noun: "agent",
  useRows(page) {
    const [{ data, error }, ask] = useQuery({ query: AgentsDocument, variables: page });
    const rows = data?.agents.nodes.map(({ runs, kind, description, ...agent }) => ({
      ...agent,
      note: description || word(kind),
      latest: runs.nodes,
    }));
    return { rows, next: nextOf(data?.agents.pageInfo), error, retry: () => ask(ANEW) };
  },
};

export const clusters: Source = {
  noun: "cluster",
  useRows(page) {
    const [{ data, error }, ask] = useQuery({ query: ClustersDocument, variables: page });
    const rows = data?.clusters.nodes.map(({ runs, description, ...cluster }) => ({
      ...cluster,
      note: description,
      latest: runs.nodes,
    }));
    return { rows, next: nextOf(data?.clusters.pageInfo), error, retry: () => ask(ANEW) };
  },
};

const ANEW = { requestPolicy: "network-only" } as const;

function nextOf(info: { hasNextPage: boolean; endCursor: string | null } | undefined): string | null {
  return info?.hasNextPage ? info.endCursor : null;
}

/** Numbers about the runs of these that match a filter: slower than the names, so asked for apart. */
export function useNumbers(ids: readonly string[], filter: RunFilter): Numbers {
  const [{ data, error }, ask] = useQuery({
    query: NumbersOfDocument,
    variables: { ids: [...ids], filter },
    pause: ids.length === 0,
    requestPolicy: "cache-and-network",
  });
  const counted = (data?.nodes ?? []).flatMap((node) =>
    node && "id" in node && node.stats ? [[node.id, node.stats] as const] : [],
  );
  return { byId: new Map(counted), error, retry: () => ask(ANEW) };
}
