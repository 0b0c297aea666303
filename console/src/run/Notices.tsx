import type { CombinedError } from "urql";
import { sentenceOf } from "../api/errors.ts";
import { Time } from "../parts/Time.tsx";
import type { RunHeadFragment } from "./head.gen.ts";
import css from "./Notices.module.css";

/** What somebody should know of the page besides the run: that it is being stopped, or does not move. */
export function Notices({ run, liveError }: { run: RunHeadFragment; liveError: CombinedError | null }) {
  const { cancellation, completedAt } = run;
  return (
    <>
      {cancellation && (
        <p className={css.notice}>
          {completedAt ? "Cancellation was asked for by " : "Cancellation is asked for by "}
          <strong>
            <bdi>{cancellation.by}</bdi>
          </strong>
          , <Time at={cancellation.at} />
          {cancellation.reason && (
            <>
              : <q>{cancellation.reason}</q>
            </>
          )}
        </p>
      )}
      {liveError && (
        <p className={css.notice}>This page does not change by itself: {sentenceOf(liveError)}</p>
      )}
    </>
  );
}
