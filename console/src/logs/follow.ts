// Follows a log over the page's socket, past whatever befalls the connection.
import { CombinedError, stringifyDocument } from "urql";
import type { LogFilter, StreamEnd } from "../api/schema.gen.ts";
import { socket } from "../api/socket.ts";
import type { Line } from "./LogReader.ts";
import { LogLinesDocument, type LogLinesSubscription } from "./logs.gen.ts";

interface From {
  runId: string;
  /** Everything up to here is known. */
  after: string | null;
  filter?: LogFilter;
}

interface Follower {
  /** New lines, maybe none, and up to where the log was looked at. */
  take(lines: readonly Line[], endCursor: string): void;
  /** That was everything. */
  end(end: StreamEnd): void;
  /** It cannot go on from where it is: ask anew. */
  failed(error: CombinedError): void;
}

const QUERY = stringifyDocument(LogLinesDocument);

/** Has a follower take each line behind a cursor, in order. Returns how to stop. */
export function followLog({ runId, after, filter }: From, follower: Follower): () => void {
  // graphql-ws sends this same object when it comes back: so it goes on from the last batch (docs/protocol.md).
  const variables = { run: runId, after, filter };
  let isOver = false;

  function fail(error: CombinedError) {
    if (isOver) return;
    isOver = true;
    follower.failed(error);
  }

  const stop = socket.subscribe<LogLinesSubscription>(
    { query: QUERY, variables },
    {
      next({ data, errors }) {
        if (isOver) return;
        if (errors || !data) return fail(new CombinedError({ graphQLErrors: [...(errors ?? [])] }));
        const { lines, endCursor, end } = data.logLines;
        variables.after = endCursor;
        follower.take(lines, endCursor);
        if (!end) return;
        isOver = true;
        follower.end(end);
      },
      error: (cause) => fail(errorOf(cause)),
      complete: () => fail(new CombinedError({ networkError: new Error("the log broke off") })),
    },
  );
  return () => {
    isOver = true;
    stop();
  };
}

/** graphql-ws tells of the operation's errors, of how the socket was closed, or of what else went wrong. */
function errorOf(cause: unknown): CombinedError {
  if (Array.isArray(cause)) return new CombinedError({ graphQLErrors: cause });
  return new CombinedError({ networkError: cause instanceof Error ? cause : new Error("the socket closed") });
}
