// When the runs of a list began: some time past until now, or from one instant until another.
import type { DateTimeRange } from "../api/schema.gen.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PRESETS = {
  "1h": { label: "Past hour", length: HOUR_MS },
  "24h": { label: "Past 24 hours", length: DAY_MS },
  "7d": { label: "Past 7 days", length: 7 * DAY_MS },
  "30d": { label: "Past 30 days", length: 30 * DAY_MS },
};

export type Preset = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as Preset[];

/** `from` ≤ start < `until`, as ISO instants in UTC; an end that is null is open. */
export interface Span {
  from: string | null;
  until: string | null;
}

export type Period = { preset: Preset } | Span;

export const ALL_TIME: Span = { from: null, until: null };

export function isPreset(name: string): name is Preset {
  return Object.hasOwn(PRESETS, name);
}

export function presetLabel(preset: Preset): string {
  return PRESETS[preset].label;
}

export function isAllTime(period: Period): boolean {
  return !("preset" in period) && period.from === null && period.until === null;
}

/** An instant in UTC to the second, of what anybody may have typed into an address; null where it is none. */
export function instantOf(text: string): string | null {
  const hasZone = /T.*(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const milliseconds = Date.parse(text);
  if (!hasZone || Number.isNaN(milliseconds)) return null;
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What a period is at a moment in milliseconds; undefined where it is all of time. */
export function spanAt(period: Period, now: number): DateTimeRange | undefined {
  if ("preset" in period) return { from: new Date(now - PRESETS[period.preset].length).toISOString() };
  if (isAllTime(period)) return undefined;
  return { ...(period.from && { from: period.from }), ...(period.until && { until: period.until }) };
}
