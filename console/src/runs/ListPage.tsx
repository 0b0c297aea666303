import { useEffect, useState } from "react";
import { useQuery } from "urql";
import { type LiveList, PAGE_SIZE } from "./LiveList.ts";
import type { Asked, List, ListPage as Place } from "./list.ts";
import { Row } from "./Row.tsx";
import { type RunRowFragment, RunsPageDocument } from "./runs.gen.ts";

interface Props {
  store: LiveList;
  list: List;
  asked: Asked;
  page: Place;
  /** The rows in view, as indices of the list. */
  indices: readonly number[];
  rowHeight: number;
  isSelected: (id: string) => boolean;
  onSelect: ((index: number, isRange: boolean) => void) | undefined;
}

/** Milliseconds: what was just read is seldom out of date, and pages that are only scrolled through need no look. */
const CHECK_AFTER_MS = 1_000;

/** The rows of a page that are in view. It is a query of its own, which only pages in view read again at a change. */
export function ListPage({ store, list, asked, page, indices, rowHeight, isSelected, onSelect }: Props) {
  const { filter, orderBy } = asked;
  const variables = { filter, orderBy, first: PAGE_SIZE, after: page.after };
  const [{ data }] = useQuery({ query: RunsPageDocument, variables });
  const runs = useKnownRuns(data?.runs.nodes);
  useEffect(() => {
    if (page.epoch === list.epoch) return;
    const timer = setTimeout(() => store.check(page), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [store, page, list.epoch]);

  return indices.map((index) => {
    const id = page.ids[index - page.offset];
    const run = id === undefined ? undefined : runs.get(id);
    if (!run) return null;
    return (
      <Row
        key={run.id}
        run={run}
        index={index}
        top={index * rowHeight}
        height={rowHeight}
        isSelected={isSelected(run.id)}
        absence={list.absent.get(run.id)}
        onSelect={onSelect}
      />
    );
  });
}

type Runs = ReadonlyMap<string, RunRowFragment>;

/** By id, also those that a new reading of the page does not hold any more, for as long as they are shown. */
function useKnownRuns(nodes: readonly RunRowFragment[] | undefined): Runs {
  const [known, setKnown] = useState<{ nodes: typeof nodes; runs: Runs }>({
    nodes: undefined,
    runs: new Map(),
  });
  if (!nodes || nodes === known.nodes) return known.runs;
  const runs = new Map([...known.runs, ...nodes.map((run) => [run.id, run] as const)]);
  setKnown({ nodes, runs });
  return runs;
}
