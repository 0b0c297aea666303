// Filters under names. Those of this browser are remembered by it; as an address each can be sent to anybody.
import { stored } from "../parts/stored.ts";

export interface View {
  name: string;
  /** The address's. */
  query: string;
}

export const BUILT_IN: readonly View[] = [
  { name: "All runs", query: "" },
  { name: "Failed", query: "status=FAILED" },
  { name: "Under way", query: "status=RUNNING&status=RETRYING" },
  { name: "Without schedules", query: "-trigger=SCHEDULE" },
  { name: "Failed in the past 24 hours", query: "status=FAILED&range=24h" },
];

/** Views; a menu of more is no menu any more. */
const MAX_SAVED = 50;
/** Characters of a name. */
export const MAX_NAME = 60;

const saved = stored<readonly View[]>("runs.views", [], areViews);

function areViews(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each?.name === "string" && typeof each?.query === "string")
  );
}

export function savedViews(): readonly View[] {
  return saved.read();
}

/** In the place of one of the same name, or behind the others. */
export function withView(views: readonly View[], view: View): readonly View[] {
  const isKnown = views.some(({ name }) => name === view.name);
  if (isKnown) return views.map((each) => (each.name === view.name ? view : each));
  return [...views, view].slice(-MAX_SAVED);
}

export function withoutView(views: readonly View[], name: string): readonly View[] {
  return views.filter((each) => each.name !== name);
}

/** Under another name; what had that name before is gone. */
export function renamed(views: readonly View[], name: string, next: string): readonly View[] {
  if (name === next) return views;
  return withoutView(views, next).map((view) => (view.name === name ? { ...view, name: next } : view));
}

export function saveViews(views: readonly View[]): void {
  saved.write(views);
}
