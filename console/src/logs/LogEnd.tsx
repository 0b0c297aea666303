import { Button } from "../parts/Button.tsx";
import { counted, word } from "../parts/words.ts";
import type { Log, LogState } from "./Log.ts";
import css from "./LogView.module.css";
import { MatchingLog } from "./MatchingLog.ts";

/** What stands behind the last row: that it was the last, or what is still to come. */
export function LogEnd({ log, state }: { log: Log; state: LogState }) {
  const { phase, last, status, rows, hasLater } = state;
  if (rows === 0) return null;
  return (
    <div className={css.end} data-phase={phase}>
      {hasLater ? <Later log={log} state={state} /> : sentenceOf(phase, last, status)}
    </div>
  );
}

function sentenceOf(phase: LogState["phase"], last: number, status: LogState["status"]): string {
  switch (phase) {
    case "complete":
      return `End of log · ${counted(last, "line")}${status ? ` · run ${word(status).toLowerCase()}` : ""}`;
    case "deleted":
      return "This run was deleted: what you see is not stored any more.";
    case "live":
      return "New lines appear here.";
    default:
      return "Looking further …";
  }
}

function Later({ log, state }: { log: Log; state: LogState }) {
  return (
    <>
      <span>There are more lines than can be shown at once.</span>
      <Button onClick={() => (log instanceof MatchingLog ? log.goOn() : log.goTo(lastOf(log, state) + 1))}>
        Show the next
      </Button>
      <Button onClick={() => log.goTo("end")}>Show the last</Button>
    </>
  );
}

function lastOf(log: Log, state: LogState): number {
  return log.sequenceAt(state.rows - 1);
}

/** What stands before the first row where lines before it are not shown. */
export function LogEarlier({ log }: { log: Log }) {
  return (
    <div className={css.earlier}>
      <span>Earlier lines are not shown.</span>
      <Button onClick={() => (log instanceof MatchingLog ? log.startOver() : log.goTo(1))}>
        From the beginning
      </Button>
    </div>
  );
}
