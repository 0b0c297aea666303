import { Link } from "wouter";
import { instantText } from "../parts/instants.ts";
import { word } from "../parts/words.ts";
import type { LatestFragment } from "./agents.gen.ts";
import css from "./Latest.module.css";

/** The latest runs as a row of marks, the last one on the right; each leads to its run. */
export function Latest({ runs }: { runs: readonly LatestFragment[] }) {
  return (
    <ol className={css.runs}>
      {runs.toReversed().map(({ id, status, startedAt }) => {
        const told = `${word(status)}, ${instantText(startedAt)}`;
        return (
          <li key={id}>
            <Link
              href={`/runs/${id}`}
              className={css.run}
              data-status={status}
              title={told}
              aria-label={told}
            />
          </li>
        );
      })}
    </ol>
  );
}
