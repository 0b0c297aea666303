const ESCAPE = String.fromCharCode(27);
/** Colours and other looks of terminals (ECMA-48, SGR). */
const LOOKS = new RegExp(`${ESCAPE}\\[[0-9;:]*m`, "g");
/** Characters; no column is wider. */
const MOST = 300;

/** The first line of a text that says something, without terminal colours. */
export function firstLine(text: string): string {
  const line =
    text
      .replace(LOOKS, "")
      .trimStart()
      .split(/\r?\n|\r/, 1)[0] ?? "";
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}
