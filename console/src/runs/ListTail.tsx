import type { CombinedError } from "urql";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../parts/Button.tsx";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { counted } from "../parts/words.ts";
import { EVERYTHING, type Filter, isNarrowed } from "./filter.ts";
import { type List, rowCount } from "./list.ts";
import css from "./rows.module.css";

interface Props {
  filter: Filter;
  list: List;
  error: CombinedError | null;
  liveError: CombinedError | null;
  onMore: () => void;
  onFilter: (filter: Filter) => void;
}

/** What stands below the rows: that there are more, that there are none, or why there is nothing. */
export function ListTail({ filter, list, error, liveError, onMore, onFilter }: Props) {
  if (error) return <Failed what="the runs" error={error} onRetry={onMore} />;
  if (!list.asked) return <Loading what="the runs" height="60vh" />;
  const count = rowCount(list);
  if (count === 0) return isNarrowed(filter) ? <NoMatch filter={filter} onFilter={onFilter} /> : <NoRuns />;
  return (
    <div className={css.tail}>
      {list.next === null ? `${counted(count, "run")}, and no more` : "Loading more …"}
      {liveError && <span role="alert">This list does not change by itself: {sentenceOf(liveError)}</span>}
    </div>
  );
}

function NoRuns() {
  return (
    <Empty title="There are no runs yet">
      <p>Any command can be one:</p>
      <pre className={css.command}>agent-runs exec --agent hello -- echo hello</pre>
    </Empty>
  );
}

function NoMatch({ filter, onFilter }: Pick<Props, "filter" | "onFilter">) {
  return (
    <Empty title="No run matches">
      <p>Take a filter away above, or all of them.</p>
      <Button onClick={() => onFilter({ ...EVERYTHING, sort: filter.sort })}>Clear all</Button>
    </Empty>
  );
}
