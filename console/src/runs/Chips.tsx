import { X } from "lucide-react";
import { Button } from "../parts/Button.tsx";
import { instantText } from "../parts/instants.ts";
import { counted } from "../parts/words.ts";
import css from "./Chips.module.css";
import {
  type Condition,
  DIMENSIONS,
  EVERYTHING,
  type Filter,
  isNarrowed,
  valueText,
  withCondition,
  withoutCondition,
} from "./filter.ts";
import { ALL_TIME, isAllTime, type Period, presetLabel } from "./period.ts";

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

/** How many runs match, and what the list is narrowed by. A line that is always there: no row moves by the first chip. */
export function Chips({ filter, onFilter, matching }: Props & { matching: number | undefined }) {
  return (
    <div className={css.line}>
      <span role="status" className="quiet">
        {matching === undefined ? "Counting …" : counted(matching, "run")}
      </span>
      {isNarrowed(filter) && <Narrowed filter={filter} onFilter={onFilter} />}
    </div>
  );
}

/** Each to be turned around or taken away. */
function Narrowed({ filter, onFilter }: Props) {
  return (
    <ul className={css.chips} aria-label="Filters">
      {filter.conditions.map((condition) => (
        <ConditionChip
          key={`${condition.dimension}=${condition.value}`}
          {...{ condition, filter, onFilter }}
        />
      ))}
      {!isAllTime(filter.period) && (
        <Chip text={periodText(filter.period)} onRemove={() => onFilter({ ...filter, period: ALL_TIME })} />
      )}
      {filter.search && (
        <Chip text={`Search: ${filter.search}`} onRemove={() => onFilter({ ...filter, search: "" })} />
      )}
      <li>
        <Button look="plain" onClick={() => onFilter({ ...EVERYTHING, sort: filter.sort })}>
          Clear all
        </Button>
      </li>
    </ul>
  );
}

function ConditionChip({ condition, filter, onFilter }: Props & { condition: Condition }) {
  const { dimension, value, isExcluded } = condition;
  const text = `${DIMENSIONS[dimension]} ${isExcluded ? "is not" : "is"} ${valueText(dimension, value)}`;
  return (
    <Chip
      text={text}
      isExcluded={isExcluded}
      turn={isExcluded ? "show only these instead" : "leave these out instead"}
      onTurn={() => onFilter(withCondition(filter, { ...condition, isExcluded: !isExcluded }))}
      onRemove={() => onFilter(withoutCondition(filter, condition))}
    />
  );
}

interface ChipProps {
  text: string;
  isExcluded?: boolean;
  turn?: string;
  onTurn?: () => void;
  onRemove: () => void;
}

function Chip({ text, isExcluded, turn, onTurn, onRemove }: ChipProps) {
  return (
    <li className={css.chip} data-excluded={isExcluded || undefined}>
      {onTurn ? (
        <button type="button" className={css.text} title={`${text}\nPress to ${turn}`} onClick={onTurn}>
          <bdi>{text}</bdi>
          <span className="unseen">: {turn}</span>
        </button>
      ) : (
        <span className={css.text} title={text}>
          <bdi>{text}</bdi>
        </span>
      )}
      <button type="button" className={css.remove} aria-label={`Remove: ${text}`} onClick={onRemove}>
        <X aria-hidden size={14} />
      </button>
    </li>
  );
}

export function periodText(period: Period): string {
  if ("preset" in period) return presetLabel(period.preset);
  const { from, until } = period;
  if (from && until) return `${instantText(from)} – ${instantText(until)}`;
  if (from) return `Since ${instantText(from)}`;
  return until ? `Before ${instantText(until)}` : "All time";
}
