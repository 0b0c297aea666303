// Where the bars of a timeline stand. Times are in milliseconds, places in percent of the axis.
import { durationText } from "../parts/duration.ts";
import type { Span, Story } from "./story.ts";

export interface Axis {
  from: number;
  until: number;
}

/** Ticks at most, the one at 0 included: more of them would run into one another. */
const MAX_TICKS = 5;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 4, 6, 12].map((hours) => hours * HOUR),
];

/** From the run's start to its end, or to now; wide enough for every bar, and never empty. */
export function axisOf({ startedAt, completedAt, steps }: Story, now: number): Axis {
  const spans = [...steps.values()].flatMap((each) => each.spans);
  const from = spans.reduce((least, span) => Math.min(least, span.from), startedAt ?? now);
  const until = spans.reduce((most, span) => Math.max(most, span.until ?? 0), completedAt ?? now);
  return { from, until: Math.max(until, from + SECOND) };
}

export interface Tick {
  left: number;
  /** How long after the start. */
  text: string;
}

export function ticksOf({ from, until }: Axis): Tick[] {
  const length = until - from;
  const step =
    STEPS.find((step) => length / step < MAX_TICKS) ?? DAY * Math.ceil(length / DAY / (MAX_TICKS - 1));
  const count = Math.floor(length / step) + 1;
  return Array.from({ length: count }, (_, index) => ({
    left: percent((index * step) / length),
    text: durationText((index * step) / SECOND),
  }));
}

export interface Bar {
  left: number;
  width: number;
}

export function barOf(span: Span, { from, until }: Axis, now: number): Bar {
  const length = until - from;
  const end = Math.min(span.until ?? Math.max(now, span.from), until);
  return { left: percent((span.from - from) / length), width: percent((end - span.from) / length) };
}

/** `after 3 min 6 s, for 4 min`: what a bar shows, in words. */
export function spanText(span: Span, { from }: Axis, now: number): string {
  const { until } = span;
  const length = until === null ? Math.floor((now - span.from) / SECOND) : (until - span.from) / SECOND;
  const told = [span.from - from, length * SECOND].map((each) => durationText(Math.max(0, each) / SECOND));
  return `after ${told[0]}, for ${told[1]}${until === null ? " so far" : ""}`;
}

/** To a hundredth, which is less than a pixel. */
function percent(fraction: number): number {
  return Math.round(Math.min(Math.max(fraction, 0), 1) * 10_000) / 100;
}
