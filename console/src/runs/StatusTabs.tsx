import { Status } from "../parts/Status.tsx";
import { type Filter, STATUSES, wish, withCondition, withoutCondition } from "./filter.ts";
import css from "./StatusTabs.module.css";
import type { Counts } from "./useCounts.ts";

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  /** Undefined until they are known. */
  counts: Counts | undefined;
}

/** How many runs there are of each status; pressed, only these are shown. */
export function StatusTabs({ filter, onFilter, counts }: Props) {
  const others = filter.conditions.filter(({ dimension }) => dimension !== "status");
  return (
    <fieldset className={css.tabs}>
      <legend className="unseen">Status</legend>
      <button
        type="button"
        aria-pressed={others.length === filter.conditions.length}
        onClick={() => onFilter({ ...filter, conditions: others })}
      >
        All <Count of={counts?.all} />
      </button>
      {STATUSES.map((status) => {
        const condition = { dimension: "status", value: status, isExcluded: false } as const;
        const isWanted = wish(filter, "status", status) === "included";
        return (
          <button
            key={status}
            type="button"
            aria-pressed={isWanted}
            onClick={() => onFilter((isWanted ? withoutCondition : withCondition)(filter, condition))}
          >
            <Status status={status} /> <Count of={counts?.of(status)} />
          </button>
        );
      })}
    </fieldset>
  );
}

function Count({ of }: { of: number | undefined }) {
  return <span className={css.count}>{of?.toLocaleString() ?? "–"}</span>;
}
