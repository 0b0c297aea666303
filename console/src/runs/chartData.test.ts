import assert from "node:assert/strict";
import { test } from "node:test";
import { barsOf, plotted, STACK, stepFor, stretch, totalOf } from "./chartData.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const bucket = (hour: number, completed: number, failed = 0) => ({
  start: `2026-11-25T0${hour}:00:00.000000Z`,
  byStatus: [
    { status: "COMPLETED" as const, count: completed },
    { status: "FAILED" as const, count: failed },
  ],
});

test("a span has a hundred bars at most, in units that people count in", () => {
  const steps = [HOUR, DAY, 7 * DAY, 30 * DAY, YEAR, 3 * YEAR].map((span) => {
    const { size, each } = stepFor(span);
    return `${each} ${size}`;
  });
  assert.deepEqual(steps, ["1 MINUTE", "1 HOUR", "2 HOUR", "1 DAY", "1 WEEK", "4 WEEK"]);
  assert.equal(stepFor(40 * YEAR).size, "WEEK");
});

test("buckets are put together, and the last bar may hold fewer", () => {
  const bars = barsOf([bucket(1, 1), bucket(2, 2, 1), bucket(3, 4)], { size: "HOUR", each: 2 });
  assert.deepEqual(
    bars.map(({ counts }) => counts),
    [{ COMPLETED: 3, FAILED: 1 }, { COMPLETED: 4 }],
  );
  assert.deepEqual(bars.map(totalOf), [4, 4]);
});

test("bars are heights on top of one another, the whole first", () => {
  const [middles, whole, ...others] = plotted(barsOf([bucket(1, 5, 2)], { size: "HOUR", each: 1 }));
  assert.deepEqual(middles, [Date.parse("2026-11-25T01:30:00Z") / 1000]);
  assert.deepEqual(whole, [7]);
  assert.deepEqual(others.at(-1), [2]);
  assert.equal(others.length, STACK.length - 1);
});

test("a stretch is of the whole bars that it touches", () => {
  const bars = barsOf([bucket(1, 1), bucket(2, 1), bucket(3, 1)], { size: "HOUR", each: 1 });
  const from = Date.parse("2026-11-25T02:10:00Z");
  assert.deepEqual(stretch(bars, from, from + HOUR), {
    from: "2026-11-25T02:00:00Z",
    until: "2026-11-25T04:00:00Z",
  });
  assert.equal(stretch(bars, 0, 1), null);
});
