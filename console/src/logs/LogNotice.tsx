import { Button } from "../parts/Button.tsx";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { counted } from "../parts/words.ts";
import type { Log, LogState } from "./Log.ts";

interface Props {
  log: Log;
  state: LogState;
  /** Which lines would be shown, in words; null for all. */
  filtered: string | null;
  onShowAll: () => void;
}

/** What stands where no line does. */
export function LogNotice({ log, state, filtered, onShowAll }: Props) {
  const { phase, error, last, seen } = state;
  if (phase === "deleted") return <Empty title="This run was deleted">Its log is not stored any more.</Empty>;
  if (error) return <Failed what="the log" error={error} onRetry={log.retry} />;
  if (phase === "loading") return <Loading what="the log" />;
  if (phase === "reading")
    return (
      <Empty title={`Looking for lines ${filtered ?? ""} …`}>
        <p role="status">{`Looked through ${seen.toLocaleString()} of ${counted(last, "line")}`}</p>
      </Empty>
    );
  if (filtered && last > 0)
    return (
      <Empty title={`No line ${filtered}`}>
        <p>{last === 1 ? "1 line is hidden" : `${last.toLocaleString()} lines are hidden`}</p>
        <Button onClick={onShowAll}>Show all lines</Button>
      </Empty>
    );
  if (phase === "live") return <Empty title="No line yet">Lines appear here as the run writes them.</Empty>;
  return <Empty title="This run wrote no line" />;
}
