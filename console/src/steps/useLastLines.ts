import { useEffect, useState } from "react";
import { type CombinedError, useClient } from "urql";
import { follow } from "../api/follow.ts";
import { type StepLineFragment, StepLinesDocument, StepLinesFollowedDocument } from "./steps.gen.ts";

/** Lines that are shown; the Logs tab has them all. */
const SHOWN = 50;

interface LastLines {
  /** Null until they are read. */
  lines: readonly StepLineFragment[] | null;
  error: CombinedError | null;
}

/** The last log lines of a step, and those that follow. */
export function useLastLines(runId: string, stepId: string, stepKey: string): LastLines {
  const client = useClient();
  const [last, setLast] = useState<LastLines>({ lines: null, error: null });
  useEffect(() => {
    const onError = (error: CombinedError) => setLast(({ lines }) => ({ lines, error }));
    let stop = () => {};

    function followFrom(cursor: string): () => void {
      return follow({
        query: StepLinesFollowedDocument,
        variablesOf: (after) => ({ runId, stepKey, after }),
        batchOf: (data) => data.logLines,
        after: cursor,
        onBatch: ({ lines: more }) =>
          setLast(({ lines }) => ({ lines: [...(lines ?? []), ...more].slice(-SHOWN), error: null })),
        onError,
      });
    }

    const variables = { id: stepId, last: SHOWN };
    const reading = client.query(StepLinesDocument, variables, { requestPolicy: "network-only" });
    reading.toPromise().then(({ data, error }) => {
      if (isOver) return;
      if (error) return onError(error);
      const logs = data?.node && "logs" in data.node ? data.node.logs : null;
      setLast({ lines: logs?.nodes ?? [], error: null });
      if (logs) stop = followFrom(logs.endCursor);
    });
    let isOver = false;
    return () => {
      isOver = true;
      stop();
    };
  }, [client, runId, stepId, stepKey]);
  return last;
}
