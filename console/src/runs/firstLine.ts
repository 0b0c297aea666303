import { plainText } from "../parts/plainText.ts";

/** Characters; no column is wider. */
const MOST = 300;

/** The first line of a text that says something, without terminal colours. */
export function firstLine(text: string): string {
  const [line = ""] = plainText(text)
    .trimStart()
    .split(/\r?\n|\r/, 1);
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}
