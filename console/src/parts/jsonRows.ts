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

/** Rows that "expand all" makes at most: they are made within a tenth of a second. */
export const MAX_EXPANDED_ROWS = 100_000;

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

/** All that can be open, the outer before the inner, but for what would make the rows too many. */
export function allOpen(value: JsonValue): Set<JsonValue> {
  const open = new Set<JsonValue>();
  const known = [value];
  let count = 1;
  for (const next of known) {
    if (!next.isContainer || count + next.entries.length > MAX_EXPANDED_ROWS) continue;
    count += next.entries.length;
    open.add(next);
    for (const entry of next.entries) if (entry.value.isContainer) known.push(entry.value);
  }
  return open;
}

function segment(name: string | number): string {
  if (typeof name === "number") return `[${name}]`;
  if (/^[A-Za-z_]\w*$/.test(name)) return `.${name}`;
  return `[${JSON.stringify(name)}]`;
}
