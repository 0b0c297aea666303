// A log without a filter: any of its lines is one question away, since they are numbered without gaps.
import { Blocks } from "./blocks.ts";
import { Folds, GroupEnd, MARKS_CONTAIN, markOf, Rows } from "./groups.ts";
import { Log } from "./Log.ts";
import type { Line, LogReader } from "./LogReader.ts";
import { MAX_ROWS } from "./rowHeight.ts";

/** Questions for lines at the same time: a screen lies in two blocks. */
const MAX_QUESTIONS = 2;
/** Lines of the first answer: some two screens. */
const FIRST_LINES = 120;
/** Lines kept ready around those that are seen. */
const AROUND = 100;
/** Marks that are looked for when all groups are folded: ten times as many as a run has steps. */
const MAX_MARKS = 20_000;

export class WholeLog extends Log {
  private readonly blocks = new Blocks<Line>();
  private readonly folds = new Folds();
  private rows = new Rows();
  /** How many lines lie before the first row. */
  private base = 0;
  private wanted = { first: 1, last: 0 };
  private readonly asked = new Set<number>();

  /** Which line to show first, once the length of the log is known; null afterwards. */
  private target: number | "end" | null;

  constructor(reader: LogReader, goTo: number | "end") {
    super(reader);
    this.target = goTo;
  }

  lineAt(row: number): Line | undefined {
    return this.blocks.get(this.sequenceAt(row));
  }

  sequenceAt(row: number): number {
    return this.rows.sequenceAt(row);
  }

  rowOf(sequence: number): number {
    return Math.min(this.rows.rowOf(sequence), Math.max(0, this.now.rows - 1));
  }

  want(firstRow: number, lastRow: number): void {
    if (this.now.rows === 0) return;
    const first = Math.max(1, this.sequenceAt(firstRow));
    const last = this.sequenceAt(Math.min(lastRow, this.now.rows - 1));
    this.wanted = { first, last };
    this.blocks.touch(first, last);
    this.ask();
  }

  async textOf(from: number, to: number): Promise<string> {
    const lines = await this.reader.lines(from, to);
    return lines.map(({ message }) => message).join("\n");
  }

  goTo(sequence: number | "end"): void {
    const line = sequence === "end" ? this.now.last : Math.min(sequence, this.now.last);
    const isShown = line > this.base && line <= this.rows.sequenceAt(this.now.rows - 1);
    if (sequence !== "end" && this.folds.reveal(line)) this.arrange();
    if (isShown) return;
    this.base = Math.max(0, line - MAX_ROWS / 2);
    this.arrange();
  }

  // ------------------------------------------------------------ reading and following

  protected async begin(): Promise<void> {
    const isCurrent = this.isCurrent;
    const first = typeof this.target === "number" ? Math.max(1, this.target - FIRST_LINES / 2) : null;
    const tail = await this.reader.tail(FIRST_LINES, first);
    if (!isCurrent()) return;
    this.blocks.put(tail.lines);
    this.change({ status: tail.status, phase: tail.isComplete ? "complete" : "live" });
    this.grow(tail.lastSequence);
    if (this.target !== null) this.goTo(this.target);
    this.target = null;
    if (!tail.isComplete) this.follow(tail.endCursor);
    this.ask();
  }

  protected take(lines: readonly Line[]): void {
    this.blocks.put(lines);
    for (const { sequence, message } of lines) this.folds.see(sequence, message);
    this.grow(lines.at(-1)?.sequence ?? this.now.last);
  }

  private grow(last: number): void {
    if (last <= this.now.last && this.now.rows > 0) return;
    this.change({ last, seen: last });
    this.arrange();
  }

  /** Ask for what is looked at and not there, the nearest first. */
  private ask(): void {
    // What failed is tried again after a while, and then the rest.
    if (this.now.error) return;
    while (this.asked.size < MAX_QUESTIONS) {
      const gap = this.gap();
      if (!gap || this.asked.has(gap.from)) return;
      this.asked.add(gap.from);
      const count = Math.min(gap.count, this.now.last - gap.from + 1);
      void this.attempt(() => this.load(gap.from, count)).finally(() => {
        this.asked.delete(gap.from);
        this.ask();
      });
    }
  }

  private gap() {
    const { first, last } = this.wanted;
    const end = Math.min(last, this.now.last);
    if (end < first) return null;
    const ahead = Math.min(end + AROUND, this.now.last);
    return this.blocks.gap(first, end) ?? this.blocks.gap(Math.max(1, first - AROUND), ahead);
  }

  private async load(from: number, count: number): Promise<void> {
    const isCurrent = this.isCurrent;
    const lines = await this.reader.block(from, count);
    if (!isCurrent()) return;
    if (lines.length === 0) throw new Error(`the log has no line ${from}, although it has ${this.now.last}`);
    this.blocks.put(lines);
    this.change({});
  }

  // ------------------------------------------------------------ folding

  isFolded(start: number): boolean {
    return this.folds.has(start);
  }

  /** Fold the group that a line opens, or unfold it. */
  async toggle(start: number): Promise<void> {
    if (this.folds.has(start)) {
      this.folds.unfold(start);
      return this.arrange();
    }
    await this.attempt(async () => {
      const end = await this.endOf(start);
      this.folds.fold(start, end);
      this.arrange();
    });
  }

  unfoldAll(): void {
    this.folds.clear();
    this.arrange();
  }

  async foldAll(): Promise<void> {
    await this.attempt(async () => {
      const open: number[] = [];
      const ends = new Map<number, number | null>();
      for await (const { sequence, message } of this.marks(1)) {
        if (markOf(message)?.opens) {
          open.push(sequence);
          ends.set(sequence, null);
        } else {
          const start = open.pop();
          if (start !== undefined) ends.set(start, sequence);
        }
        if (ends.size > MAX_MARKS) break;
      }
      for (const [start, end] of ends)
        this.folds.fold(start, { end, depth: open.length - open.indexOf(start) });
      this.arrange();
    });
  }

  /** Where a group ends: among the lines at hand, else the service looks. */
  private async endOf(start: number): Promise<GroupEnd> {
    const group = new GroupEnd();
    let sequence = start + 1;
    for (let line = this.blocks.get(sequence); line; line = this.blocks.get(++sequence)) {
      group.see(sequence, line.message);
      if (group.end !== null) return group;
    }
    for await (const mark of this.marks(sequence)) {
      group.see(mark.sequence, mark.message);
      if (group.end !== null) break;
    }
    return group;
  }

  /** The marks from a line on, up to the last line that is there in the end. */
  private async *marks(from: number): AsyncGenerator<Line> {
    const filter = { contains: MARKS_CONTAIN, fromSequence: from };
    let seen = from - 1;
    for (let after: string | null = null; ; ) {
      const page = await this.reader.matches(filter, after);
      yield* page.lines.filter(({ message }) => markOf(message));
      seen = page.seen;
      if (!page.hasMore) break;
      after = page.endCursor;
    }
    // What came meanwhile came to us.
    for (let line = this.blocks.get(++seen); line; line = this.blocks.get(++seen))
      if (markOf(line.message)) yield line;
  }

  /** Which lines the rows are, after anything of that changed. */
  private arrange(): void {
    const { last } = this.now;
    const hidden = this.folds.hidden(last);
    const isFolded = hidden.length > 0;
    if (this.base > 0) hidden.push({ first: 1, last: this.base });
    this.rows = new Rows(hidden);
    const count = this.rows.count(last);
    const rows = Math.min(count, MAX_ROWS);
    this.change({ rows, hasEarlier: this.base > 0, hasLater: count > rows, isFolded });
  }
}
