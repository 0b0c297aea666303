// `::group::NAME` … `::endgroup::` in a log (server/cli/step_marks.py), and which of them are folded.

/** A part of the text of both marks, to have the service look for them. */
export const MARKS_CONTAIN = "group::";

const MARK = /^::(group|endgroup)::(.*)/s;

export interface Mark {
  opens: boolean;
  name: string;
}

/** What a line marks; null for most. */
export function markOf(message: string): Mark | null {
  if (!message.startsWith("::")) return null;
  const [, word, name = ""] = MARK.exec(message) ?? [];
  return word ? { opens: word === "group", name: name.trim() || "group" } : null;
}

interface Fold {
  /** The number of its end's line; null while that is not there. */
  end: number | null;
  /** How many groups are open at the end of the log, itself among them. */
  depth: number;
}

/** Follows marks in order from inside a group to its end. */
export class GroupEnd {
  depth = 1;
  end: number | null = null;

  see(sequence: number, message: string): void {
    const mark = this.end === null ? markOf(message) : null;
    if (!mark) return;
    this.depth += mark.opens ? 1 : -1;
    if (this.depth === 0) this.end = sequence;
  }
}

/** The folded groups, by the number of the line that opens them. */
export class Folds {
  private readonly folds = new Map<number, Fold>();

  has(start: number): boolean {
    return this.folds.has(start);
  }

  fold(start: number, { end, depth }: Fold): void {
    this.folds.set(start, { end, depth });
  }

  unfold(start: number): void {
    this.folds.delete(start);
  }

  clear(): void {
    this.folds.clear();
  }

  /** Unfold whatever hides a line; whether anything did. */
  reveal(sequence: number): boolean {
    let has = false;
    for (const [start, { end }] of this.folds) {
      if (sequence <= start || (end !== null && sequence > end)) continue;
      this.folds.delete(start);
      has = true;
    }
    return has;
  }

  /** A line was added to the end of the log: it may end groups whose end was missing. */
  see(sequence: number, message: string): void {
    const mark = markOf(message);
    if (!mark) return;
    for (const fold of this.folds.values()) {
      if (fold.end !== null) continue;
      fold.depth += mark.opens ? 1 : -1;
      if (fold.depth === 0) fold.end = sequence;
    }
  }

  /** Which lines they hide, up to the last. */
  hidden(last: number): Hidden[] {
    return [...this.folds].map(([start, { end }]) => ({ first: start + 1, last: end ?? last }));
  }
}

export interface Hidden {
  first: number;
  last: number;
}

/** Which line stands in which row, where some lines are hidden. Lines count from 1, rows from 0. */
export class Rows {
  /** Disjoint, in order, each with how many lines are hidden before it. */
  private readonly hidden: (Hidden & { before: number })[] = [];

  constructor(hidden: readonly Hidden[] = []) {
    for (const { first, last } of [...hidden].sort((a, b) => a.first - b.first)) {
      if (last < first) continue;
      const previous = this.hidden.at(-1);
      if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
      else this.hidden.push({ first, last, before: 0 });
    }
    let total = 0;
    for (const range of this.hidden) {
      range.before = total;
      total += range.last - range.first + 1;
    }
  }

  /** How many rows `last` lines have. */
  count(last: number): number {
    return this.shown(last);
  }

  sequenceAt(row: number): number {
    const index = this.find(({ first, before }) => first - 1 - before <= row);
    const range = this.hidden[index];
    return row + 1 + (range ? range.before + range.last - range.first + 1 : 0);
  }

  /** The row of a line; of a hidden one that of the last line shown before it. */
  rowOf(sequence: number): number {
    return Math.max(0, this.shown(sequence) - 1);
  }

  /** How many of the lines up to this one are shown. */
  private shown(sequence: number): number {
    const range = this.hidden[this.find(({ first }) => first <= sequence)];
    return range ? sequence - range.before - (Math.min(sequence, range.last) - range.first + 1) : sequence;
  }

  /** The last range for which something holds that holds for none behind one for which it does not. */
  private find(holds: (range: Hidden & { before: number }) => boolean): number {
    let low = 0;
    let high = this.hidden.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.hidden[middle];
      if (range && holds(range)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
