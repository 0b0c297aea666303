// Which runs the list shows, and in which order: as people choose it, as it stands in the address, and as the API
// takes it. Every link into the list is made here.
import type { RunExclusion, RunFilter, RunOrder, RunStatus, TriggerSource } from "../api/schema.gen.ts";
import { word } from "../parts/words.ts";
import { ALL_TIME, instantOf, isPreset, type Period, type Span, spanAt } from "./period.ts";

export const STATUSES = [
  "RUNNING",
  "RETRYING",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const satisfies readonly RunStatus[];

export const SOURCES = [
  "MANUAL",
  "SCHEDULE",
  "COPILOT",
  "WEBHOOK",
  "EVENT",
] as const satisfies readonly TriggerSource[];

const SORTS = ["-started", "started", "-duration", "duration"] as const;

export type Sort = (typeof SORTS)[number];

/** By the names that they have in an address. */
export const DIMENSIONS = {
  status: "Status",
  agent: "Agent",
  trigger: "Trigger",
  cluster: "Cluster",
  by: "Triggered by",
  label: "Label",
} as const;

export type Dimension = keyof typeof DIMENSIONS;

/** One value that is wanted, or not wanted. A label's is `name=value`. */
export interface Condition {
  dimension: Dimension;
  value: string;
  isExcluded: boolean;
}

export interface Filter {
  /** In the order in which they were chosen. */
  conditions: readonly Condition[];
  search: string;
  period: Period;
  sort: Sort;
}

export const EVERYTHING: Filter = { conditions: [], search: "", period: ALL_TIME, sort: "-started" };

/** Bytes of an address are bounded, and so is what the service takes: fewer than its MAX_VALUES and MAX_EXCLUSIONS. */
const MAX_CONDITIONS = 20;
/** Characters that the service searches for at most. */
export const MAX_SEARCH = 200;

// ---------------------------------------------------------------- in the address

export interface Read {
  filter: Filter;
  /** What stands in the address and was left out, since it means nothing. */
  dropped: readonly string[];
}

/** What a query string asks for. */
export function readFilter(query: string): Read {
  const conditions: Condition[] = [];
  const dropped: string[] = [];
  const span: Span = { ...ALL_TIME };
  let { search, sort, period } = EVERYTHING;
  for (const [key, value] of new URLSearchParams(query)) {
    const condition = conditionOf(key, value);
    const instant = instantOf(value);
    if (condition && conditions.length < MAX_CONDITIONS) {
      if (!conditions.some((each) => isSame(each, condition))) conditions.push(condition);
    } else if (key === "q") search = value.slice(0, MAX_SEARCH);
    else if (key === "sort" && isSort(value)) sort = value;
    else if (key === "range" && isPreset(value)) period = { preset: value };
    else if ((key === "from" || key === "until") && instant) span[key] = instant;
    else dropped.push(`${key}=${value}`);
  }
  if (span.from && span.until && span.from >= span.until) {
    dropped.push(`until=${span.until}`);
    span.until = null;
  }
  if (span.from || span.until) period = span;
  return { filter: { conditions, search, period, sort }, dropped };
}

/** The query string that asks for it, as short as can be; empty for everything. */
export function queryOf({ conditions, search, period, sort }: Filter): string {
  const query = new URLSearchParams();
  for (const { dimension, value, isExcluded } of conditions)
    query.append(isExcluded ? `-${dimension}` : dimension, value);
  if ("preset" in period) query.append("range", period.preset);
  else {
    if (period.from) query.append("from", period.from);
    if (period.until) query.append("until", period.until);
  }
  if (search) query.append("q", search);
  if (sort !== EVERYTHING.sort) query.append("sort", sort);
  // Both may stand there as they are (RFC 3986, 3.4), and people read addresses.
  return query.toString().replaceAll("%3A", ":").replaceAll("%3D", "=");
}

/** The path and query of the list of these runs. */
export function runsAddress(filter: Partial<Filter>): string {
  const query = queryOf({ ...EVERYTHING, ...filter });
  return query ? `/runs?${query}` : "/runs";
}

function conditionOf(key: string, value: string): Condition | null {
  const isExcluded = key.startsWith("-");
  const dimension = isExcluded ? key.slice(1) : key;
  if (!Object.hasOwn(DIMENSIONS, dimension)) return null;
  const condition = { dimension: dimension as Dimension, value, isExcluded };
  return canBe(condition) ? condition : null;
}

function canBe({ dimension, value }: Condition): boolean {
  if (dimension === "status") return isOneOf(STATUSES, value);
  if (dimension === "trigger") return isOneOf(SOURCES, value);
  if (dimension === "label") return value.indexOf("=") > 0;
  return value !== "";
}

function isOneOf(values: readonly string[], value: string): boolean {
  return values.includes(value);
}

function isSort(value: string): value is Sort {
  return isOneOf(SORTS, value);
}

// ---------------------------------------------------------------- as the API takes it

/** At a moment in milliseconds, which "the past hour" counts back from. */
export function apiFilter({ conditions, search, period }: Filter, now: number): RunFilter {
  const startedAt = spanAt(period, now);
  const exclude = exclusions(conditions.filter(({ isExcluded }) => isExcluded));
  return {
    ...lists(conditions.filter(({ isExcluded }) => !isExcluded)),
    ...(startedAt && { startedAt }),
    ...(search.trim() && { search: search.trim() }),
    ...(exclude.length > 0 && { exclude }),
  };
}

export function apiOrder(sort: Sort): RunOrder {
  return {
    field: sort.endsWith("duration") ? "DURATION" : "STARTED_AT",
    direction: sort.startsWith("-") ? "DESC" : "ASC",
  };
}

/** Each value by itself: of one entry all must match, and none of what is unwanted shall be shown. */
function exclusions(conditions: readonly Condition[]): RunExclusion[] {
  return conditions.map((condition) => lists([condition]));
}

function lists(conditions: readonly Condition[]): RunExclusion {
  const values = (wanted: Dimension) =>
    conditions.filter(({ dimension }) => dimension === wanted).map(({ value }) => value);
  const given = {
    statuses: values("status") as RunStatus[],
    agentNames: values("agent"),
    triggerSources: values("trigger") as TriggerSource[],
    clusterNames: values("cluster"),
    triggeredBy: values("by"),
    labels: values("label").map((value) => {
      const end = value.indexOf("=");
      return { name: value.slice(0, end), value: value.slice(end + 1) };
    }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, list]) => list.length > 0));
}

// ---------------------------------------------------------------- as people change it

function isSame(one: Condition, other: Condition): boolean {
  return one.dimension === other.dimension && one.value === other.value;
}

/** Wants a value, or does not want it; in its old place where it was a condition already. */
export function withCondition(filter: Filter, added: Condition): Filter {
  const { conditions } = filter;
  const isKnown = conditions.some((each) => isSame(each, added));
  return {
    ...filter,
    conditions: isKnown
      ? conditions.map((each) => (isSame(each, added) ? added : each))
      : [...conditions, added],
  };
}

export function withoutCondition(filter: Filter, gone: Condition): Filter {
  return { ...filter, conditions: filter.conditions.filter((each) => !isSame(each, gone)) };
}

/** What is wanted of a value: that it is there, that it is not, or nothing. */
export function wish(filter: Filter, dimension: Dimension, value: string): "included" | "excluded" | "none" {
  const found = filter.conditions.find((each) => each.dimension === dimension && each.value === value);
  if (!found) return "none";
  return found.isExcluded ? "excluded" : "included";
}

/** Whether it leaves anything out. */
export function isNarrowed(filter: Filter): boolean {
  return queryOf({ ...filter, sort: EVERYTHING.sort }) !== "";
}

/** A value as people read it. */
export function valueText(dimension: Dimension, value: string): string {
  return dimension === "status" || dimension === "trigger" ? word(value) : value;
}
