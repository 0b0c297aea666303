// A run as it is known: what was read and what is pushed come by two ways, and either may overtake the other.
import type { CombinedError } from "urql";
import type { RunUpdateKind } from "../api/schema.gen.ts";
import type { RunHeadFragment } from "./head.gen.ts";

export interface LiveRun {
  /** Null once it is known that there is none; undefined until then. */
  run: RunHeadFragment | null | undefined;
  /** It was there, and was deleted while somebody looked. */
  wasDeleted: boolean;
  /** Why nothing can be shown. */
  error: CombinedError | null;
  /** Why what is shown does not change by itself. */
  liveError: CombinedError | null;
}

export const UNKNOWN: LiveRun = { run: undefined, wasDeleted: false, error: null, liveError: null };

export type News =
  | { type: "read"; run: RunHeadFragment | null }
  | { type: "told"; kind: RunUpdateKind; run: RunHeadFragment | null }
  | { type: "failed"; error: CombinedError }
  | { type: "unfollowed"; error: CombinedError }
  | { type: "again" };

export function learn(known: LiveRun, news: News): LiveRun {
  switch (news.type) {
    case "again":
      return UNKNOWN;
    case "failed":
      // What is on the page stays there: the next reading may go well.
      return known.run ? known : { ...known, error: news.error };
    case "unfollowed":
      return { ...known, liveError: news.error };
    case "read":
      return news.run ? withRun(known, news.run) : gone(known);
    case "told":
      if (news.kind === "DELETED") return gone(known);
      return news.run ? withRun(known, news.run) : known;
  }
}

/** The newer of the two. */
function withRun(known: LiveRun, run: RunHeadFragment): LiveRun {
  if (known.run && known.run.revision > run.revision) return known;
  return { ...known, run, wasDeleted: false, error: null };
}

function gone(known: LiveRun): LiveRun {
  return { ...known, run: null, wasDeleted: known.wasDeleted || Boolean(known.run), error: null };
}
