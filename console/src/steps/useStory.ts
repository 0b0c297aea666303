import { useEffect, useState } from "react";
import type { CombinedError } from "urql";
import { follow } from "../api/follow.ts";
import { StepTransitionsOfDocument } from "./steps.gen.ts";
import { NOTHING_TOLD, type Story, withBatch } from "./story.ts";

/** What becomes of a run's steps, from the beginning on; null until the first is told. */
export function useStory(runId: string): {
  story: Story | null;
  error: CombinedError | null;
  retry: () => void;
} {
  const [story, setStory] = useState<Story | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks the same again
  useEffect(() => {
    setStory(null);
    setError(null);
    return follow({
      query: StepTransitionsOfDocument,
      variablesOf: (after) => ({ id: runId, after }),
      batchOf: (data) => data.stepTransitions,
      onBatch: (batch) => setStory((story) => withBatch(story ?? NOTHING_TOLD, batch)),
      onError: setError,
    });
  }, [runId, round]);
  return { story, error, retry: () => setRound(round + 1) };
}
