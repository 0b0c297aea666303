// Asks for pages of one run's log.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { AnyVariables } from "urql";
import { uncached } from "../api/client.ts";
import type { LogFilter } from "../api/schema.gen.ts";
import {
  LastLogMatchesDocument,
  type LineFragment,
  LogBlockDocument,
  LogMatchesDocument,
  LogPlaceDocument,
  LogTailDocument,
} from "./logs.gen.ts";

export type Line = LineFragment;

/** The most that the service has in one page of a log. */
export const PAGE_LINES = 1_000;

/** The run was deleted, or never was. */
export class RunIsGone extends Error {}

/** Each method rejects with urql's CombinedError, and with RunIsGone. */
export class LogReader {
  readonly runId: string;

  constructor(runId: string) {
    this.runId = runId;
  }

  /** How many lines there are, and where to follow from; with the last ones, and those from a number on. */
  async tail(count: number, from: number | null = null) {
    const variables = { run: this.runId, count, from: from ?? 1, isElsewhere: from !== null };
    const { logs, elsewhere, ...run } = await this.run(LogTailDocument, variables);
    const { nodes, ...end } = present(logs);
    return { ...run, ...end, lines: [...(elsewhere?.nodes ?? []), ...nodes] };
  }

  /** Lines from a number on: fewer than asked for where their texts are long. */
  async block(from: number, count: number): Promise<readonly Line[]> {
    const { logs } = await this.run(LogBlockDocument, { run: this.runId, from, count });
    return present(logs).nodes;
  }

  /** Lines from `from` to `to`, however many pages that takes. */
  async lines(from: number, to: number): Promise<Line[]> {
    const lines: Line[] = [];
    for (let next = from; next <= to; ) {
      const page = await this.block(next, Math.min(PAGE_LINES, to - next + 1));
      if (page.length === 0) break;
      lines.push(...page);
      next += page.length;
    }
    return lines;
  }

  /** The next lines that match: of a rare match none, and yet there may be more. */
  async matches(filter: LogFilter, after: string | null, count = PAGE_LINES) {
    const variables = { run: this.runId, filter, after, count };
    const { logs, behind, ...run } = await this.run(LogMatchesDocument, variables);
    const { nodes, pageInfo, endCursor, isComplete } = present(logs);
    const lookedAt = pageInfo.hasNextPage ? (behind?.nodes[0]?.sequence ?? 1) - 1 : run.lastSequence;
    const seen = Math.max(lookedAt, pageInfo.hasNextPage ? (nodes.at(-1)?.sequence ?? 0) : 0);
    return { ...run, lines: nodes, hasMore: pageInfo.hasNextPage, endCursor, isComplete, seen };
  }

  /** The last lines that match, however far one has to look back for the last of them. */
  async lastMatches(filter: LogFilter, before: string | null, count = PAGE_LINES) {
    let endCursor: string | null = null;
    for (let from = before; ; ) {
      const variables = { run: this.runId, filter, before: from, count };
      const { logs, ...run } = await this.run(LastLogMatchesDocument, variables);
      const { nodes, pageInfo, isComplete, ...page } = present(logs);
      endCursor ??= page.endCursor;
      const hasMore = pageInfo.hasPreviousPage;
      if (nodes.length > 0 || !hasMore) return { ...run, lines: nodes, hasMore, endCursor, isComplete };
      from = pageInfo.startCursor;
    }
  }

  /** The number of the nearest line behind, or before, a line that matches; null where none does. */
  async nearest(filter: LogFilter, sequence: number, direction: 1 | -1): Promise<number | null> {
    return direction > 0 ? this.following(filter, sequence) : this.preceding(filter, sequence);
  }

  private async following(filter: LogFilter, sequence: number): Promise<number | null> {
    const behind = { ...filter, fromSequence: sequence + 1 };
    for (let after: string | null = null; ; ) {
      const { lines, hasMore, endCursor } = await this.matches(behind, after, 1);
      if (lines[0]) return lines[0].sequence;
      if (!hasMore) return null;
      after = endCursor;
    }
  }

  private async preceding(filter: LogFilter, sequence: number): Promise<number | null> {
    const { logs } = await this.run(LogPlaceDocument, { run: this.runId, from: sequence });
    const place = present(logs).edges[0]?.cursor;
    if (!place) return null;
    const { lines } = await this.lastMatches(filter, place, 1);
    return lines[0]?.sequence ?? null;
  }

  private async run<Data extends { run?: unknown }, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<NonNullable<Data["run"]>> {
    const { data, error } = await uncached.query(document, variables).toPromise();
    if (error) throw error;
    return present(data?.run) as NonNullable<Data["run"]>;
  }
}

function present<T>(value: T | null | undefined): T {
  if (value == null) throw new RunIsGone();
  return value;
}
