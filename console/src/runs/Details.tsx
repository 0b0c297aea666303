import { Link } from "wouter";
import { Countdown } from "../parts/Countdown.tsx";
import { counted } from "../parts/words.ts";
import { firstLine } from "./firstLine.ts";
import type { Absence } from "./list.ts";
import css from "./rows.module.css";
import type { RunRowFragment } from "./runs.gen.ts";

interface Props {
  run: RunRowFragment;
  absence: Absence | undefined;
  path: string;
}

/** What matters about a run besides its columns: why it failed, when it is tried again, where it is. */
export function Details({ run, absence, path }: Props) {
  if (absence === "deleted") return <span className="quiet">Deleted</span>;
  if (absence === "left") return <span className="quiet">No longer matches the filter</span>;
  if (run.error)
    return (
      <Link
        href={path}
        tabIndex={-1}
        className={`${css.over} ${css.failure}`}
        title={run.error.message}
        dir="auto"
      >
        {firstLine(run.error.message)}
      </Link>
    );
  if (run.nextAttemptAt)
    return (
      <span className="quiet">
        Tried again <Countdown until={run.nextAttemptAt} due="now" />
      </span>
    );
  if (run.status === "RUNNING" && run.cancellation) return <span className="quiet">Asked to stop</span>;
  if (run.status === "RUNNING") return <Progress run={run} path={path} />;
  return null;
}

function Progress({ run, path }: Pick<Props, "run" | "path">) {
  const all = run.stepCounts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return null;
  const over = run.stepCounts.reduce(
    (sum, { status, count }) => (status === "PENDING" || status === "RUNNING" ? sum : sum + count),
    0,
  );
  const step = run.currentStep?.name;
  return (
    <Link
      href={path}
      tabIndex={-1}
      className={css.over}
      title={`${over} of ${counted(all, "step")} are over`}
    >
      <span className="quiet">
        <span className="numbers">
          {over}/{all}
        </span>{" "}
        {step && <bdi>{step}</bdi>}
      </span>
    </Link>
  );
}
