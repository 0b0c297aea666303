import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING_TOLD, type Span } from "./story.ts";
import { axisOf, barOf, spanText, ticksOf } from "./timeline.ts";

const AXIS = { from: 0, until: 100_000 };
const span = (from: number, until: number | null): Span => ({ attempt: 1, from, until, status: "RUNNING" });

test("a bar stands where its time is on the axis, and grows with the clock while it is open", () => {
  assert.deepEqual(barOf(span(25_000, 75_000), AXIS, 0), { left: 25, width: 50 });
  assert.deepEqual(barOf(span(50_000, null), AXIS, 60_000), { left: 50, width: 10 });
  assert.deepEqual(barOf(span(50_000, null), AXIS, 80_000), { left: 50, width: 30 });
});

test("a clock that is behind the service's makes no bar of a negative length", () => {
  assert.deepEqual(barOf(span(50_000, null), AXIS, 40_000), { left: 50, width: 0 });
});

test("the axis holds the whole run, and every bar", () => {
  const steps = new Map([["a", { step: {} as never, spans: [span(90, 5_000)] }]]);
  assert.deepEqual(axisOf({ steps, startedAt: 100, completedAt: 3_000 }, 9_000), { from: 90, until: 5_000 });
  assert.deepEqual(axisOf({ ...NOTHING_TOLD, startedAt: 100 }, 9_000), { from: 100, until: 9_000 });
  assert.deepEqual(axisOf({ ...NOTHING_TOLD, startedAt: 100 }, 100), { from: 100, until: 1_100 });
});

test("ticks are few, and at times that people count in", () => {
  const texts = (seconds: number) => ticksOf({ from: 0, until: seconds * 1_000 }).map(({ text }) => text);
  assert.deepEqual(texts(4), ["0 s", "1 s", "2 s", "3 s", "4 s"]);
  assert.deepEqual(texts(428), ["0 s", "2 min", "4 min", "6 min"]);
  assert.deepEqual(texts(7 * 86_400), ["0 s", "2 d", "4 d", "6 d"]);
  assert.ok(texts(400 * 86_400).length <= 6);
  assert.deepEqual(
    ticksOf({ from: 0, until: 4_000 }).map(({ left }) => left),
    [0, 25, 50, 75, 100],
  );
});

test("a bar is told in words too", () => {
  assert.equal(spanText(span(186_000, 426_000), AXIS, 0), "after 3 min 6 s, for 4 min");
  assert.equal(spanText(span(5_000, null), AXIS, 12_345), "after 5 s, for 7 s so far");
});
