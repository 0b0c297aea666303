// What the chart shows: runs by when they began, in spans of one length, by status.
import type { BucketSize, RunStatus } from "../api/schema.gen.ts";

export interface Bucket {
  start: string;
  byStatus: readonly { status: RunStatus; count: number }[];
}

/** Several of the service's buckets together. */
export interface Step {
  size: BucketSize;
  each: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const SIZE_MS: Record<BucketSize, number> = {
  MINUTE: MINUTE_MS,
  HOUR: HOUR_MS,
  DAY: DAY_MS,
  WEEK: 7 * DAY_MS,
};

/** What people count time in, ever longer; none takes more than the 1,000 buckets that the service gives. */
const STEPS: readonly Step[] = [
  { size: "MINUTE", each: 1 },
  { size: "MINUTE", each: 2 },
  { size: "MINUTE", each: 5 },
  { size: "HOUR", each: 1 },
  { size: "HOUR", each: 2 },
  { size: "HOUR", each: 6 },
  { size: "DAY", each: 1 },
  { size: "DAY", each: 2 },
  { size: "WEEK", each: 1 },
  { size: "WEEK", each: 4 },
];

/** Bars; more are too narrow to be told apart. */
const MOST_BARS = 100;

export function lengthOf({ size, each }: Step): number {
  return SIZE_MS[size] * each;
}

/** The shortest step of which not too many make up so many milliseconds. */
export function stepFor(milliseconds: number): Step {
  const fitting = STEPS.find((step) => milliseconds / lengthOf(step) <= MOST_BARS);
  return fitting ?? { size: "WEEK", each: Math.ceil(milliseconds / SIZE_MS.WEEK / MOST_BARS) };
}

/** From the bottom of a bar to its top: what failed stands on the ground, where heights are compared best. */
export const STACK = [
  "FAILED",
  "CANCELLED",
  "COMPLETED",
  "RETRYING",
  "RUNNING",
] as const satisfies RunStatus[];

export interface Bar {
  /** Milliseconds; a bar ends where the next one begins. */
  from: number;
  until: number;
  counts: Partial<Record<RunStatus, number>>;
}

export function barsOf(buckets: readonly Bucket[], step: Step): Bar[] {
  const bars: Bar[] = [];
  for (let first = 0; first < buckets.length; first += step.each) {
    const together = buckets.slice(first, first + step.each);
    const from = Date.parse(together[0]?.start ?? "");
    const next = buckets[first + step.each];
    const until = next ? Date.parse(next.start) : from + lengthOf(step);
    bars.push({ from, until, counts: sums(together) });
  }
  return bars;
}

function sums(buckets: readonly Bucket[]): Bar["counts"] {
  const counts: Bar["counts"] = {};
  for (const { status, count } of buckets.flatMap(({ byStatus }) => byStatus))
    if (count > 0) counts[status] = (counts[status] ?? 0) + count;
  return counts;
}

export function totalOf({ counts }: Bar): number {
  return STACK.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}

/** For a plot that draws each status over those above it: the middles in seconds, then heights, the whole first. */
export function plotted(bars: readonly Bar[]): number[][] {
  const middles = bars.map(({ from, until }) => (from + until) / 2_000);
  const heights = STACK.map((_, index) =>
    bars.map(({ counts }) =>
      STACK.slice(0, index + 1).reduce((sum, status) => sum + (counts[status] ?? 0), 0),
    ),
  );
  return [middles, ...heights.reverse()];
}

/** The whole bars that a stretch of milliseconds touches, as the period that they are. */
export function stretch(
  bars: readonly Bar[],
  from: number,
  until: number,
): { from: string; until: string } | null {
  const touched = bars.filter((bar) => bar.until > from && bar.from < until);
  const [first] = touched;
  const last = touched.at(-1);
  return first && last ? { from: instant(first.from), until: instant(last.until) } : null;
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
