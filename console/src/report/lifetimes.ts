// For how long a link holds.
import type { ShareReportInput } from "../api/schema.gen.ts";

const DAY_MS = 86_400_000;

const DAYS = { "1 day": 1, "7 days": 7, "30 days": 30, "90 days": 90, never: null } as const;

export type Lifetime = keyof typeof DAYS;

export const LIFETIMES = Object.keys(DAYS) as Lifetime[];

/** What to ask for, `now` in milliseconds. */
export function shareInput(reportId: string, lifetime: Lifetime, now: number): ShareReportInput {
  const days = DAYS[lifetime];
  if (days === null) return { reportId, neverExpires: true };
  return { reportId, expiresAt: new Date(now + days * DAY_MS).toISOString() };
}
