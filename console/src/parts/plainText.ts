import Anser from "anser";

/** A text without the codes by which terminals colour. */
export function plainText(text: string): string {
  return Anser.ansiToText(text);
}
