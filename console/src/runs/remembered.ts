// Lists as they were left, for whoever comes back to them: by the entry of the browser's history that they belong to.
import type { List } from "./list.ts";

interface Left {
  list: List;
  /** Pixels that the page was scrolled by. */
  scroll: number;
}

/** Lists; each may hold thousands of ids. */
const MAX_KEPT = 10;

const kept = new Map<string, Left>();

/** The name of the entry that the browser is at, the same after Back; given where it has none yet. */
export function nameEntry(): string {
  const known = entryName();
  if (known) return known;
  const list = Math.random().toString(36).slice(2);
  history.replaceState({ ...history.state, list }, "");
  return list;
}

function entryName(): string | null {
  const name: unknown = history.state?.list;
  return typeof name === "string" ? name : null;
}

/** What was left at the entry that the browser is at. */
export function remembered(): Left | undefined {
  return kept.get(entryName() ?? "");
}

export function remember(entry: string, left: Left): void {
  kept.delete(entry);
  kept.set(entry, left);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}
