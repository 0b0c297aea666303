// A JSON value as the rows of a tree: what is open shows what it holds.
import type { JsonValue } from "../api/json.ts";
import type { TreeRow } from "./treeKeys.ts";

export interface JsonRow extends TreeRow {
  /** Null for the whole. */
  name: string | number | null;
  value: JsonValue;
  /** Where it stands, as JSONPath writes it (RFC 9535). */
  path: string;
}

/** Rows that `expand all` makes at most: enough to read, few enough to make at once. */
export const MAX_EXPANDED_ROWS = 20_000;

export function jsonRows(value: JsonValue, open: ReadonlySet<JsonValue>): JsonRow[] {
  const rows: JsonRow[] = [];
  const add = (name: JsonRow["name"], value: JsonValue, path: string, level: number, key: string) => {
    const isOpen = value.isContainer && value.entries.length > 0 ? open.has(value) : undefined;
    rows.push({ key, level, isOpen, name, value, path });
    if (!isOpen) return;
    value.entries.forEach(({ key: name, value: child }, index) => {
      add(name, child, path + segment(name), level + 1, `${key}.${index}`);
    });
  };
  add(null, value, "$", 1, "$");
  return rows;
}

/** Everything that can be open, the outer before the inner, as far as the rows do not become too many. */
export function allOpen(value: JsonValue): Set<JsonValue> {
  const open = new Set<JsonValue>();
  let count = 1;
  for (const queue = [value]; queue.length > 0; ) {
    const next = queue.shift() as JsonValue;
    count += next.entries.length;
    if (count > MAX_EXPANDED_ROWS && open.size > 0) break;
    if (next.isContainer) open.add(next);
    queue.push(...next.entries.map((entry) => entry.value).filter((child) => child.isContainer));
  }
  return open;
}

function segment(name: string | number): string {
  if (typeof name === "number") return `[${name}]`;
  if (/^[A-Za-z_]\w*$/.test(name)) return `.${name}`;
  return `[${JSON.stringify(name)}]`;
}
