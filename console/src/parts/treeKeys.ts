// What keys do in a tree of rows, by the pattern of a treegrid
// (https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/).

export interface TreeRow {
  key: string;
  /** From 1. */
  level: number;
  /** Undefined for what has no children. */
  isOpen?: boolean | undefined;
}

export type TreeMove = { goTo: number } | { isOpen: boolean } | "press";

/** Rows that Page Up and Page Down go by. */
const PAGE = 10;

/** What a key does in the row at `at`; null where it is none of ours. */
export function treeMove(rows: readonly TreeRow[], at: number, key: string): TreeMove | null {
  const isOpen = rows[at]?.isOpen;
  const last = rows.length - 1;
  switch (key) {
    case "ArrowDown":
      return { goTo: Math.min(at + 1, last) };
    case "ArrowUp":
      return { goTo: Math.max(at - 1, 0) };
    case "PageDown":
      return { goTo: Math.min(at + PAGE, last) };
    case "PageUp":
      return { goTo: Math.max(at - PAGE, 0) };
    case "Home":
      return { goTo: 0 };
    case "End":
      return { goTo: last };
    case "ArrowRight":
      return isOpen === false ? { isOpen: true } : { goTo: isOpen ? at + 1 : at };
    case "ArrowLeft":
      return isOpen ? { isOpen: false } : { goTo: parentOf(rows, at) };
    case "Enter":
    case " ":
      return "press";
    default:
      return null;
  }
}

/** The nearest row above that is less deep; the row itself at the top. */
function parentOf(rows: readonly TreeRow[], at: number): number {
  const level = rows[at]?.level ?? 1;
  const above = rows.slice(0, at).findLastIndex((row) => row.level < level);
  return above < 0 ? at : above;
}
