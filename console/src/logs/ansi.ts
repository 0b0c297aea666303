// A message as a page can draw it: runs of text with the terminal's colours, without its other codes.
import Anser from "anser";

/** Some text that looks alike. */
export interface Span {
  text: string;
  /** One of the terminal's sixteen colours, such as `red` and `bright-red`, or `own`: then see `own`. */
  fg?: string;
  bg?: string;
  /** What colours of its own it has, as CSS. */
  ownFg?: string;
  ownBg?: string;
  /** `bold`, `dim`, `italic`, `underline`, `strikethrough`, with spaces between. */
  look?: string;
  /** Whether it is what is searched for. */
  isMatch?: boolean;
}

/** Codes but for colours: moves of the cursor, titles of windows, links, and those of a single letter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OTHER_CODES = /\x1b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g;
/** A code that the end of the text cut off. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BROKEN_CODE = /\x1b(?:\[[0-?]*)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g;
const PICTURES = 0x2400;
const DELETE_PICTURE = "\u2421";

/** Lines drawn again keep what was made of them, for as long as they are at hand. */
const made = new WeakMap<object, Span[]>();

/** The spans of a line's message. */
export function spansOf(line: { message: string }): Span[] {
  const known = made.get(line);
  if (known) return known;
  const spans = parse(line.message);
  made.set(line, spans);
  return spans;
}

/** The spans of any text. */
export function parse(message: string): Span[] {
  const text = message.replace(/\r$/, "");
  const shown = text.replace(OTHER_CODES, "").replace(BROKEN_CODE, "").replace(CONTROLS, picture);
  if (!shown.includes("\x1b")) return shown === "" ? [] : [{ text: shown }];
  const entries = Anser.ansiToJson(shown, { json: true, use_classes: true, remove_empty: true });
  return entries.map((entry) => {
    const look = entry.decorations.join(" ");
    return {
      text: entry.content.replaceAll("\x1b", "\u241b"),
      ...foreground(entry.fg, entry.fg_truecolor),
      ...background(entry.bg, entry.bg_truecolor),
      ...(look && { look }),
    };
  });
}

/** Control characters are seen, as Unicode pictures them. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  return code === 0x7f ? DELETE_PICTURE : String.fromCharCode(PICTURES + code);
}

function foreground(name: string | null, own: string | null): Partial<Span> {
  const color = colorOf(name, own);
  return color?.css ? { fg: "own", ownFg: color.css } : { ...(color && { fg: color.name }) };
}

function background(name: string | null, own: string | null): Partial<Span> {
  const color = colorOf(name, own);
  return color?.css ? { bg: "own", ownBg: color.css } : { ...(color && { bg: color.name }) };
}

function colorOf(name: string | null, own: string | null): { name: string; css?: string } | null {
  if (!name) return null;
  if (name === "ansi-truecolor") return { name: "own", css: `rgb(${own})` };
  const [, index] = /^ansi-palette-(\d+)$/.exec(name) ?? [];
  if (index) return { name: "own", css: paletteColor(Number(index)) };
  return { name: name.slice("ansi-".length) };
}

const LEVELS = [0, 95, 135, 175, 215, 255];

/** A colour of xterm's palette from 16 on: a cube of six levels, then 24 greys. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const place = index - 16;
  const [red, green, blue] = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6];
  return `rgb(${LEVELS[red]}, ${LEVELS[green]}, ${LEVELS[blue]})`;
}

/** The text without any look. */
export function textOf(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join("");
}

/** Characters of a line that are drawn unless somebody asks for all: some twenty rows. */
export const DRAWN_CHARACTERS = 2_000;

/** The first characters of spans. */
export function cut(spans: readonly Span[], characters: number): Span[] {
  const kept: Span[] = [];
  let left = characters;
  for (const span of spans) {
    if (left <= 0) break;
    // Not between the halves of one character.
    const isSplit = span.text.length > left && /[\ud800-\udbff]/.test(span.text.charAt(left - 1));
    kept.push(
      span.text.length <= left ? span : { ...span, text: span.text.slice(0, isSplit ? left - 1 : left) },
    );
    left -= span.text.length;
  }
  return kept;
}

/** What finds a text as it stands, whatever its case; null for none. */
export function patternOf(text: string): RegExp | null {
  return text === "" ? null : new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "giu");
}

/** The spans with what is searched for in spans of its own, also where it goes over several. */
export function marked(spans: readonly Span[], pattern: RegExp | null): readonly Span[] {
  if (!pattern) return spans;
  const matches = [...textOf(spans).matchAll(pattern)];
  if (matches.length === 0) return spans;
  const edges = matches.flatMap(({ index, 0: found }) => [index, index + found.length]);
  const parts: Span[] = [];
  let place = 0;
  let edge = 0;
  for (const span of spans) {
    const end = place + span.text.length;
    for (let from = place; from < end; ) {
      while (edge < edges.length && (edges[edge] ?? 0) <= from) edge++;
      const to = Math.min(end, edges[edge] ?? end);
      // Between an odd edge and the next one lies a match.
      const isMatch = edge % 2 === 1;
      parts.push({ ...span, text: span.text.slice(from - place, to - place), ...(isMatch && { isMatch }) });
      from = to;
    }
    place = end;
  }
  return parts;
}
