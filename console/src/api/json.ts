// JSON read from its text, a level at a time. `JSON.parse` loses digits of large numbers and sorts keys that look
// like numbers, but what an agent was told is shown as it was told. The texts come from the service: they are valid.

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPENING = new Set([91, 123]);
const CLOSING = new Set([93, 125]);

const KINDS: Record<string, JsonKind> = {
  "{": "object",
  "[": "array",
  '"': "string",
  t: "boolean",
  f: "boolean",
  n: "null",
};

/** A value, whose children are read once somebody asks for them. */
export class JsonValue {
  readonly text: string;
  #entries: readonly JsonEntry[] | undefined;

  constructor(text: string) {
    this.text = text.trim();
  }

  get kind(): JsonKind {
    return KINDS[this.text.charAt(0)] ?? "number";
  }

  get isContainer(): boolean {
    return this.kind === "object" || this.kind === "array";
  }

  /** What an object or an array holds, in its order; nothing for others. */
  get entries(): readonly JsonEntry[] {
    this.#entries ??= this.isContainer ? [...readEntries(this.text, this.kind === "object")] : [];
    return this.#entries;
  }
}

export interface JsonEntry {
  /** The name in an object, the index in an array. */
  key: string | number;
  value: JsonValue;
}

function* readEntries(text: string, isObject: boolean): Generator<JsonEntry> {
  let at = 1;
  for (let index = 0; ; index++) {
    at = skipBlank(text, at);
    if (at >= text.length - 1) return;
    let key: string | number = index;
    if (isObject) {
      const end = endOfString(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      at = text.indexOf(":", end) + 1;
    }
    const end = endOfValue(text, at);
    yield { key, value: new JsonValue(text.slice(at, end)) };
    at = text.charCodeAt(end) === COMMA ? end + 1 : end;
  }
}

function skipBlank(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Behind the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    let first = at;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at + 1;
  }
}

/** At the comma or bracket behind the value that begins at `start`, or at the text's end. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (OPENING.has(code)) depth++;
    else if (depth === 0 && (code === COMMA || CLOSING.has(code))) return at;
    else if (CLOSING.has(code)) depth--;
  }
  return text.length;
}

/** The whole with indentation, each value digit for digit. */
export function indented(value: JsonValue, indent = ""): string {
  const { entries, kind, text } = value;
  if (!value.isContainer) return text;
  const [open, close] = kind === "object" ? "{}" : "[]";
  if (entries.length === 0) return `${open}${close}`;
  const deeper = `${indent}  `;
  const lines = entries.map(({ key, value }) => {
    const name = kind === "object" ? `${JSON.stringify(key)}: ` : "";
    return `${deeper}${name}${indented(value, deeper)}`;
  });
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

/**
 * The same JSON, in which the values of fields with these names stand as strings of their text. The fields are
 * looked for above such values only, not in them.
 */
export function withTexts(json: string, names: ReadonlySet<string>): string {
  return withTextsIn(new JsonValue(json), names);
}

function withTextsIn(value: JsonValue, names: ReadonlySet<string>): string {
  if (!value.isContainer) return value.text;
  const isObject = value.kind === "object";
  const parts = value.entries.map(({ key, value: child }) => {
    const isText = typeof key === "string" && names.has(key) && child.kind !== "null";
    const text = isText ? JSON.stringify(child.text) : withTextsIn(child, names);
    return isObject ? `${JSON.stringify(key)}:${text}` : text;
  });
  return isObject ? `{${parts.join()}}` : `[${parts.join()}]`;
}
