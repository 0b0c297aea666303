import { Ban, ListFilter } from "lucide-react";
import { createContext, type ReactNode, use } from "react";
import { type Condition, DIMENSIONS, type Dimension, valueText } from "./filter.ts";
import css from "./Value.module.css";

/** Adds a condition to the filter; the same function for as long as the page is there, so that rows stay as they are. */
export const AddCondition = createContext<(condition: Condition) => void>(() => {});

interface Props {
  dimension: Dimension;
  value: string;
}

/** A value of a row: pressed, only runs with it are shown; beside it, how to leave them out. */
export function Value({
  dimension,
  value,
  isActive,
  children,
}: Props & { isActive: boolean; children: ReactNode }) {
  const add = use(AddCondition);
  const text = nameOf(dimension, value);
  return (
    <span className={css.value} data-dimension={dimension}>
      <button
        type="button"
        className={css.text}
        tabIndex={isActive ? 0 : -1}
        title={`${valueText(dimension, value)}\nPress to show only these`}
        aria-label={`Only ${text}`}
        onClick={() => add({ dimension, value, isExcluded: false })}
      >
        {children}
      </button>
      {isActive && <ValueTools dimension={dimension} value={value} />}
    </span>
  );
}

/** For whoever is at a value. */
export function ValueTools({ dimension, value, canInclude = false }: Props & { canInclude?: boolean }) {
  const add = use(AddCondition);
  const text = nameOf(dimension, value);
  return (
    <span className={css.tools}>
      {canInclude && (
        <Tool label={`Only ${text}`} onPress={() => add({ dimension, value, isExcluded: false })}>
          <ListFilter aria-hidden size={14} />
        </Tool>
      )}
      <Tool label={`Without ${text}`} onPress={() => add({ dimension, value, isExcluded: true })}>
        <Ban aria-hidden size={14} />
      </Tool>
    </span>
  );
}

function Tool({ label, onPress, children }: { label: string; onPress: () => void; children: ReactNode }) {
  return (
    <button type="button" className={css.tool} aria-label={label} title={label} onClick={onPress}>
      {children}
    </button>
  );
}

function nameOf(dimension: Dimension, value: string): string {
  return `${DIMENSIONS[dimension].toLowerCase()} ${valueText(dimension, value)}`;
}
