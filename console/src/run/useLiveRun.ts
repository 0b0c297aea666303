import { useEffect, useReducer } from "react";
import { useClient } from "urql";
import { RunHeadOfDocument, RunHeadUpdatesDocument } from "./head.gen.ts";
import { type LiveRun, learn, UNKNOWN } from "./liveRun.ts";

/**
 * The run, kept up to date for as long as the component is there.
 *
 * `runUpdates` tells of all that lists show: asked cancellations and deletions too, also of a run that has ended, which
 * transitions do not. It begins with RESET, and so it does after a lost connection: then the run is read anew.
 */
export function useLiveRun(id: string): LiveRun & { retry: () => void } {
  const client = useClient();
  const [known, learned] = useReducer(learn, UNKNOWN);
  const [round, retry] = useReducer((round: number) => round + 1, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks the same again
  useEffect(() => {
    const ask = { requestPolicy: "cache-and-network" } as const;
    const reading = client.query(RunHeadOfDocument, { id }, ask).subscribe(({ data, error, stale }) => {
      if (error) learned({ type: "failed", error });
      else if (data && (data.run || !stale)) learned({ type: "read", run: data.run ?? null });
    });
    const updates = client.subscription(RunHeadUpdatesDocument, { id }).subscribe(({ data, error }) => {
      if (error) learned({ type: "unfollowed", error });
      if (!data) return;
      const { kind, run } = data.runUpdates;
      learned({ type: "told", kind, run: run ?? null });
      if (kind === "RESET")
        client.query(RunHeadOfDocument, { id }, { requestPolicy: "network-only" }).toPromise();
    });
    return () => {
      reading.unsubscribe();
      updates.unsubscribe();
    };
  }, [client, id, round]);
  return {
    ...known,
    retry() {
      learned({ type: "again" });
      retry();
    },
  };
}
