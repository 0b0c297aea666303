import { useCallback, useMemo, useRef, useState } from "react";
import { EVERYTHING, type Filter, queryOf } from "./filter.ts";
import { idAt, type List } from "./list.ts";

/** Runs that can be chosen one by one: as many as the service takes ids in a filter, with room for the filter itself. */
export const MAX_SELECTED = 900;

/** Some runs by their ids, or all that match the filter, however many they are. */
export type Selection = { ids: ReadonlySet<string> } | "all";

export interface Selecting {
  selection: Selection;
  isEmpty: boolean;
  has: (id: string) => boolean;
  /** Selects the run at an index, or lets go of it; as a range: all from the one before. */
  toggle: (index: number, isRange: boolean) => void;
  selectLoaded: () => void;
  selectAll: () => void;
  clear: () => void;
}

const NONE: Selection = { ids: new Set() };

/**
 * What is chosen to do something to. Runs stay chosen whatever the list does; all that match a filter do not become
 * all that match the next one.
 */
export function useSelection(list: List, filter: Filter): Selecting {
  const [selection, setSelection] = useState<Selection>(NONE);
  const query = queryOf({ ...filter, sort: EVERYTHING.sort });
  const [chosenOf, setChosenOf] = useState(query);
  if (chosenOf !== query) {
    setChosenOf(query);
    if (selection === "all") setSelection(NONE);
  }
  const latest = useRef(list);
  latest.current = list;
  const last = useRef(0);

  const toggle = useCallback((index: number, isRange: boolean) => {
    const from = isRange ? last.current : index;
    last.current = index;
    const ids = idsBetween(latest.current, Math.min(from, index), Math.max(from, index));
    setSelection((chosen) => toggled(chosen, ids, idAt(latest.current, index)));
  }, []);

  const actions = useMemo(
    () => ({
      selectLoaded: () => setSelection({ ids: new Set([...latest.current.shown].slice(0, MAX_SELECTED)) }),
      selectAll: () => setSelection("all"),
      clear: () => setSelection(NONE),
    }),
    [],
  );
  const has = useCallback((id: string) => selection === "all" || selection.ids.has(id), [selection]);
  const isEmpty = selection !== "all" && selection.ids.size === 0;
  return { selection, isEmpty, has, toggle, ...actions };
}

function idsBetween(list: List, first: number, last: number): string[] {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => idAt(list, first + index));
  return ids.filter((id) => id !== undefined);
}

/** All of `ids` become what the one that was pressed becomes. */
function toggled(selection: Selection, ids: readonly string[], pressed: string | undefined): Selection {
  // Letting go of one of all that match: which the others are, nobody knows.
  if (selection === "all" || pressed === undefined) return NONE;
  const next = new Set(selection.ids);
  const isGone = next.has(pressed);
  for (const id of ids) {
    if (isGone) next.delete(id);
    else if (next.size < MAX_SELECTED) next.add(id);
  }
  return { ids: next };
}
