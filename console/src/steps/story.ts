// What became of a run's steps so far, told by its transitions.
import type { StepStatus } from "../api/schema.gen.ts";
import type { StepFactsFragment, StepTransitionsOfSubscription } from "./steps.gen.ts";

type Batch = StepTransitionsOfSubscription["stepTransitions"];
type Transition = Batch["transitions"][number];

/** A time at which a step was under way; one that is tried again has several. Times are in milliseconds. */
export interface Span {
  attempt: number;
  from: number;
  /** Null while it is. */
  until: number | null;
  /** How it ended. PENDING: it was broken off, for another attempt to begin anew. */
  status: StepStatus;
}

export interface StepStory {
  step: StepFactsFragment;
  spans: readonly Span[];
}

export interface Story {
  /** By key. */
  steps: ReadonlyMap<string, StepStory>;
  /** Null until the first batch is there. */
  startedAt: number | null;
  completedAt: number | null;
}

export const NOTHING_TOLD: Story = { steps: new Map(), startedAt: null, completedAt: null };

export function withBatch(story: Story, { transitions, run }: Batch): Story {
  const steps = new Map(story.steps);
  for (const transition of transitions) {
    const { step } = transition;
    const spans = withTransition(steps.get(step.key)?.spans ?? [], transition);
    steps.set(step.key, { step, spans });
  }
  return {
    steps,
    startedAt: Date.parse(run.startedAt),
    completedAt: run.completedAt ? Date.parse(run.completedAt) : null,
  };
}

function withTransition(spans: readonly Span[], { to, at, attempt }: Transition): readonly Span[] {
  const time = Date.parse(at);
  const last = spans.at(-1);
  if (last && last.until === null) {
    const ended = [...spans.slice(0, -1), { ...last, until: time, status: to }];
    return to === "RUNNING" ? [...ended, { attempt, from: time, until: null, status: to }] : ended;
  }
  if (to === "RUNNING") return [...spans, { attempt, from: time, until: null, status: to }];
  // Told of only once it was over.
  if (to === "COMPLETED" || to === "FAILED")
    return [...spans, { attempt, from: time, until: time, status: to }];
  return spans;
}
