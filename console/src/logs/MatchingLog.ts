// The lines of a log that match a filter: read from the beginning, kept up to a bound, then followed.
import type { LogFilter } from "../api/schema.gen.ts";
import { Log } from "./Log.ts";
import type { Line, LogReader } from "./LogReader.ts";

/** Matches kept at once: more than anybody reads through, some 10 MB. */
export const MAX_MATCHES = 20_000;
/** Characters of their texts. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

export class MatchingLog extends Log {
  private readonly filter: LogFilter;
  private lines: Line[] = [];
  private characters = 0;
  private cursor: string | null = null;

  constructor(reader: LogReader, filter: LogFilter) {
    super(reader);
    this.filter = filter;
  }

  lineAt(row: number): Line | undefined {
    return this.lines[row];
  }

  sequenceAt(row: number): number {
    return this.lines[row]?.sequence ?? 0;
  }

  rowOf(sequence: number): number {
    let low = 0;
    let high = this.lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sequenceAt(middle) <= sequence) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** All are at hand. */
  want(): void {}

  async textOf(from: number, to: number): Promise<string> {
    const lines = this.lines.filter(({ sequence }) => sequence >= from && sequence <= to);
    return lines.map(({ message }) => message).join("\n");
  }

  /** Where there are more than are kept, the last ones instead of those. */
  goTo(sequence: number | "end"): void {
    if (sequence !== "end" || this.now.phase !== "full") return;
    void this.attempt(async () => {
      const isCurrent = this.isCurrent;
      const page = await this.reader.lastMatches(this.filter, null);
      if (!isCurrent()) return;
      this.cursor = page.endCursor;
      this.restart(page.lines, page.hasMore);
      this.change({ status: page.status, last: page.lastSequence, seen: page.lastSequence });
      if (page.isComplete) this.change({ phase: "complete" });
      else this.follow(page.endCursor, this.filter);
    });
  }

  /** The matches behind those that are kept, instead of them. */
  goOn(): void {
    this.restart([], true);
    void this.attempt(() => this.begin());
  }

  /** From the first match again. */
  startOver(): void {
    this.unfollow();
    this.cursor = null;
    this.restart([], false);
    void this.attempt(() => this.begin());
  }

  protected async begin(): Promise<void> {
    const isCurrent = this.isCurrent;
    for (;;) {
      const page = await this.reader.matches(this.filter, this.cursor);
      if (!isCurrent()) return;
      this.cursor = page.endCursor;
      this.add(page.lines);
      this.change({ status: page.status, last: page.lastSequence, seen: page.seen });
      if (page.isComplete && !page.hasMore) return this.change({ phase: "complete" });
      if (this.isFull) return this.change({ phase: "full", hasLater: true });
      if (!page.hasMore) return this.follow(page.endCursor, this.filter);
      this.change({ phase: "reading" });
    }
  }

  protected take(lines: readonly Line[], endCursor: string): void {
    this.cursor = endCursor;
    // Now and then a batch without lines says that lines came which do not match.
    if (lines.length === 0) void this.attempt(() => this.look());
    this.add(lines);
    const last = Math.max(this.now.last, lines.at(-1)?.sequence ?? 0);
    this.change({ last, seen: last });
    if (!this.isFull) return;
    this.unfollow();
    this.change({ phase: "full", hasLater: true });
  }

  private get isFull(): boolean {
    return this.lines.length >= MAX_MATCHES || this.characters >= MAX_CHARACTERS;
  }

  private restart(lines: readonly Line[], hasEarlier: boolean): void {
    this.lines = [];
    this.characters = 0;
    this.change({ phase: "reading", rows: 0, hasEarlier, hasLater: false });
    this.add(lines);
  }

  private add(lines: readonly Line[]): void {
    for (const line of lines) {
      this.lines.push(line);
      this.characters += line.message.length;
    }
    this.change({ rows: this.lines.length });
  }
}
