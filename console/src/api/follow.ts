// Streams with cursors: what is stored, then what is still to come, without loss over lost connections
// (docs/protocol.md). They stay outside the normalised cache.
import { CombinedError, stringifyDocument, type TypedDocumentNode } from "urql";
import type { StreamEnd } from "./schema.gen.ts";
import { socket } from "./socket.ts";

/** What each message of such a stream has. */
interface Batch {
  /** Everything up to here was sent. */
  endCursor: string;
  /** Only in the last one. */
  end: StreamEnd | null;
}

interface Following<Data, Variables, B extends Batch> {
  query: TypedDocumentNode<Data, Variables>;
  /** How to ask for what lies behind a cursor; null: from the beginning. */
  variablesOf: (cursor: string | null) => Variables;
  batchOf: (data: Data) => B;
  /** Each batch in order; `end` stands in the last one. */
  onBatch: (batch: B) => void;
  /** It was refused, or broke off for good. */
  onError: (error: CombinedError) => void;
  /** Where to begin; absent: from the beginning. */
  after?: string | null;
}

/** Follows until the stream ends or the function that it returns is called. */
export function follow<Data, Variables, B extends Batch>(
  following: Following<Data, Variables, B>,
): () => void {
  const { query, variablesOf, batchOf, onBatch, onError, after = null } = following;
  // graphql-ws sends this very object again when it comes back: it says where we stand by then.
  const payload = {
    query: stringifyDocument(query),
    variables: variablesOf(after) as Record<string, unknown>,
  };
  let isOver = false;

  function fail(error: CombinedError): void {
    if (isOver) return;
    isOver = true;
    onError(error);
  }

  const unsubscribe = socket.subscribe<Data>(payload, {
    next({ data, errors }) {
      if (isOver) return;
      if (errors || !data) return fail(new CombinedError({ graphQLErrors: [...(errors ?? [])] }));
      const batch = batchOf(data);
      payload.variables = variablesOf(batch.endCursor) as Record<string, unknown>;
      isOver = batch.end !== null;
      onBatch(batch);
    },
    error: (cause) => fail(combined(cause)),
    complete: () =>
      fail(new CombinedError({ networkError: new Error("the stream broke off before its end") })),
  });
  return () => {
    isOver = true;
    unsubscribe();
  };
}

/** Errors of the operation come as a list; everything else is the connection's. */
function combined(cause: unknown): CombinedError {
  if (Array.isArray(cause)) return new CombinedError({ graphQLErrors: cause });
  return new CombinedError({
    networkError: cause instanceof Error ? cause : new Error("the connection is lost"),
  });
}
