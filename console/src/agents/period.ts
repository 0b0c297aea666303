// Over which runs the numbers go; the names are those of the list's own date range.

export const PERIODS = {
  "24h": "Past 24 hours",
  "7d": "Past 7 days",
  "30d": "Past 30 days",
  all: "All time",
} as const;

export type Period = keyof typeof PERIODS;

const HOURS: Record<Period, number | null> = { "24h": 24, "7d": 7 * 24, "30d": 30 * 24, all: null };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The period that an address names; a week where it names none that we know. */
export function periodIn(query: URLSearchParams): Period {
  const told = query.get("range") ?? "";
  return told in PERIODS ? (told as Period) : "7d";
}

/** When it begins, to the minute, so that a question asked again is the same; null: at the beginning. */
export function beginOf(period: Period, now: number): string | null {
  const hours = HOURS[period];
  if (hours === null) return null;
  return new Date(Math.floor((now - hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
}
