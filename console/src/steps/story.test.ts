import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepStatus } from "../api/schema.gen.ts";
import type { StepFactsFragment } from "./steps.gen.ts";
import { NOTHING_TOLD, type Story, withBatch } from "./story.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const instant = (second: number) => new Date(START + second * 1_000).toISOString();

/** A story of one step, told by [second, status, attempt] in batches of one. */
function told(...transitions: [number, StepStatus, number?][]): Story {
  return transitions.reduce(
    (story, [second, to, attempt = 1]) =>
      withBatch(story, {
        transitions: [{ to, at: instant(second), attempt, step: { key: "a" } as StepFactsFragment }],
        run: { id: "run_1", startedAt: instant(0), completedAt: null },
        endCursor: "",
        end: null,
      }),
    NOTHING_TOLD,
  );
}

const spansOf = (story: Story) =>
  story.steps
    .get("a")
    ?.spans.map(({ from, until, status, attempt }) => [
      (from - START) / 1_000,
      until && (until - START) / 1_000,
      status,
      attempt,
    ]);

test("a step is under way from RUNNING until what follows", () => {
  assert.deepEqual(spansOf(told([0, "PENDING"], [1, "RUNNING"])), [[1, null, "RUNNING", 1]]);
  assert.deepEqual(spansOf(told([0, "PENDING"], [1, "RUNNING"], [4, "FAILED"])), [[1, 4, "FAILED", 1]]);
});

test("a step that begins anew in another attempt keeps what it did before", () => {
  assert.deepEqual(spansOf(told([1, "RUNNING"], [4, "PENDING", 2], [5, "RUNNING", 2], [9, "COMPLETED", 2])), [
    [1, 4, "PENDING", 1],
    [5, 9, "COMPLETED", 2],
  ]);
});

test("a step that is told of once it was over has an end, and one that was passed by has no time", () => {
  assert.deepEqual(spansOf(told([0, "PENDING"], [3, "COMPLETED"])), [[3, 3, "COMPLETED", 1]]);
  assert.deepEqual(spansOf(told([0, "PENDING"], [3, "SKIPPED"])), []);
});

test("a batch without transitions tells how the run is", () => {
  const run = { id: "run_1", startedAt: instant(0), completedAt: instant(7) };
  const story = withBatch(NOTHING_TOLD, { transitions: [], run, endCursor: "", end: "RUN_ENDED" });
  assert.deepEqual([story.startedAt, story.completedAt], [START, START + 7_000]);
});
