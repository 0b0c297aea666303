// What a list of log lines is to those who draw it: rows, which line stands in which, and how things stand.
import { CombinedError } from "urql";
import { follow } from "../api/follow.ts";
import type { LogFilter, RunStatus, StreamEnd } from "../api/schema.gen.ts";
import { type Line, type LogReader, RunIsGone } from "./LogReader.ts";
import { LogLinesDocument } from "./logs.gen.ts";

/** Milliseconds between two drawings, however fast lines come: faster than that nobody reads. */
const DRAWN_EVERY_MS = 100;
/** So many rows take a millisecond more: where each of them stands is reckoned anew when rows are added. */
const ROWS_PER_MS = 4_000;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;

export interface LogState {
  /**
   * `loading`: nothing is known yet. `reading`: more of what is stored is being read. `full`: there is more than is
   * kept at once. `live`: lines are added as they come. `complete`: that was everything. `deleted`: its run was.
   */
  phase: "loading" | "reading" | "full" | "live" | "complete" | "deleted";
  rows: number;
  /** The number of the log's last line: as many lines it has. */
  last: number;
  /** Up to which line the log was looked through. */
  seen: number;
  /** The run's, as of the last answer. */
  status: RunStatus | null;
  /** Why it does not go on; it tries again by itself. */
  error: CombinedError | null;
  /** Lines before the first row, and behind the last one, that are not among the rows for their number. */
  hasEarlier: boolean;
  hasLater: boolean;
  /** Whether lines between the rows are hidden; else line and row go hand in hand. */
  isFolded: boolean;
}

const NOTHING: LogState = {
  phase: "loading",
  rows: 0,
  last: 0,
  seen: 0,
  status: null,
  error: null,
  hasEarlier: false,
  hasLater: false,
  isFolded: false,
};

export abstract class Log {
  protected readonly reader: LogReader;
  private shown: LogState = NOTHING;
  private next: LogState = NOTHING;
  private readonly listeners = new Set<() => void>();
  private drawing: ReturnType<typeof setTimeout> | undefined;
  private drawnAt = 0;
  private readonly waiting = new Set<ReturnType<typeof setTimeout>>();
  private tries = 0;
  private stopFollowing = () => {};
  /** Grows with each opening and closing: answers to what was asked before are dropped. */
  private era = 0;

  constructor(reader: LogReader) {
    this.reader = reader;
  }

  /** The line in a row; undefined while it is not at hand. */
  abstract lineAt(row: number): Line | undefined;
  abstract sequenceAt(row: number): number;
  /** The row of a line; of one that is not shown, of the last before it. */
  abstract rowOf(sequence: number): number;
  /** These rows are looked at. */
  abstract want(firstRow: number, lastRow: number): void;
  /** The lines that are shown between two numbers, both included, however many. */
  abstract textOf(from: number, to: number): Promise<string>;
  /** Have the last lines, or these, among the rows. */
  abstract goTo(sequence: number | "end"): void;
  /** Read from the beginning, or on from where it was, and then follow. */
  protected abstract begin(): Promise<void>;
  protected abstract take(lines: readonly Line[], endCursor: string): void;

  /** Begin to read and to follow. Returns how to stop. */
  open(): () => void {
    this.era++;
    this.attempt(() => this.begin());
    return () => this.close();
  }

  /** Try now what failed. */
  retry = (): void => {
    this.tries = 0;
    this.close();
    this.open();
  };

  /** For `useSyncExternalStore`. */
  listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  state = (): LogState => this.shown;

  /** How things stand, also where it is not drawn yet. */
  protected get now(): LogState {
    return this.next;
  }

  protected change(change: Partial<LogState>): void {
    this.next = { ...this.next, ...change };
    const due = this.drawnAt + DRAWN_EVERY_MS + this.next.rows / ROWS_PER_MS;
    this.drawing ??= setTimeout(this.draw, Math.max(0, due - performance.now()));
  }

  protected follow(after: string | null, filter?: LogFilter): void {
    this.stopFollowing();
    this.change({ phase: "live" });
    this.stopFollowing = follow({
      query: LogLinesDocument,
      variablesOf: (cursor) => ({ run: this.reader.runId, after: cursor, filter }),
      batchOf: ({ logLines }) => logLines,
      onBatch: ({ lines, endCursor, end }) => {
        this.take(lines, endCursor);
        if (end) void this.end(end);
      },
      onError: (error) => this.failed(error, () => this.begin()),
      after,
    });
  }

  protected unfollow(): void {
    this.stopFollowing();
    this.stopFollowing = () => {};
  }

  /** Do what asks the service; where it fails, say so, and do it again after a while. */
  protected async attempt(work: () => Promise<void>): Promise<void> {
    const { era } = this;
    try {
      await work();
      this.tries = 0;
      if (era === this.era && this.next.error) this.change({ error: null });
    } catch (error) {
      if (era === this.era) this.failed(error, work);
    }
  }

  /** Whether what was begun with this is still wanted. */
  protected get isCurrent(): () => boolean {
    const { era } = this;
    return () => era === this.era;
  }

  private failed(error: unknown, work: () => Promise<void>): void {
    if (error instanceof RunIsGone) {
      this.change({ phase: "deleted", error: null });
      return;
    }
    if (!(error instanceof CombinedError)) throw error;
    this.change({ error });
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.tries++, MAX_PAUSE_MS);
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      void this.attempt(work);
    }, pause);
    this.waiting.add(timer);
  }

  private async end(end: StreamEnd): Promise<void> {
    if (end === "RUN_DELETED") return this.change({ phase: "deleted" });
    await this.attempt(async () => {
      await this.look();
      this.change({ phase: "complete" });
    });
  }

  /** See how the run stands, and how long its log is. */
  protected async look(): Promise<void> {
    const isCurrent = this.isCurrent;
    const { status, lastSequence } = await this.reader.tail(1);
    const last = Math.max(lastSequence, this.next.last);
    if (isCurrent()) this.change({ status, last, seen: last });
  }

  private close(): void {
    this.era++;
    this.unfollow();
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
    clearTimeout(this.drawing);
    this.drawing = undefined;
  }

  private draw = (): void => {
    this.drawing = undefined;
    this.drawnAt = performance.now();
    this.shown = this.next;
    for (const listener of this.listeners) listener();
  };
}
