import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useShortcut } from "../parts/shortcuts.tsx";
import { ListPage } from "./ListPage.tsx";
import type { LiveList } from "./LiveList.ts";
import { type List, rowCount } from "./list.ts";
import css from "./rows.module.css";
import { useMatches } from "./useMatches.ts";
import type { Selecting } from "./useSelection.ts";

interface Props {
  store: LiveList;
  list: List;
  isOld: boolean;
  canSelect: boolean;
  selecting: Selecting;
  head: ReactNode;
}

/** Pixels; rows are of one height, so that a place in the list is one multiplication. */
const ROW_PX = 42;
const CARD_PX = 64;
const HEAD_PX = 40;
/** Rows that are drawn above and below those in view. */
const OVERSCAN = 12;
/** Rows before the last one at which the next page is asked for: nobody should meet the end while there is more. */
const AHEAD = 60;

/** The runs, of which only those in view are drawn. */
export function RunTable({ store, list, isOld, canSelect, selecting, head }: Props) {
  const isNarrow = useMatches("(max-width: 760px)");
  const rowHeight = isNarrow ? CARD_PX : ROW_PX;
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [current, setCurrent] = useState<number | null>(null);
  const count = rowCount(list);

  // Whatever becomes higher or lower above the list makes the page so. Not with each drawing: asking for a place has
  // the browser lay out everything.
  useLayoutEffect(() => {
    const measured = new ResizeObserver(() => {
      if (body.current) setMargin(Math.round(body.current.getBoundingClientRect().top + scrollY));
    });
    measured.observe(document.body);
    return () => measured.disconnect();
  }, []);

  const virtual = useWindowVirtualizer({
    count,
    estimateSize: useCallback(() => rowHeight, [rowHeight]),
    overscan: OVERSCAN,
    scrollMargin: margin,
    scrollPaddingStart: HEAD_PX + rowHeight,
    scrollPaddingEnd: rowHeight,
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const indices = defaultRangeExtractor(range);
        // The row that keys are at keeps the focus, wherever the page is scrolled to.
        return current === null || indices.includes(current) ? indices : [...indices, current];
      },
      [current],
    ),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was measured holds for one height.
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const indices = virtual
    .getVirtualItems()
    .map(({ index }) => index)
    .filter((index) => index < count);
  const last = indices.reduce((most, index) => (index === current ? most : Math.max(most, index)), -1);
  const isNearEnd = last >= count - AHEAD && list.next !== null && !isOld;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once more where a page was not enough.
  useEffect(() => {
    if (isNearEnd) store.readMore();
  }, [isNearEnd, store, count]);

  useRowKeys({
    list,
    current,
    setCurrent,
    body: body.current,
    scrollTo: (index) => virtual.scrollToIndex(index),
    selecting,
    canSelect,
  });

  const { asked } = list;
  if (!asked) return null;
  return (
    <table
      className={css.list}
      data-plain={canSelect ? undefined : ""}
      aria-label="Runs"
      aria-rowcount={list.next === null ? count + 1 : -1}
    >
      <thead>{head}</thead>
      <tbody ref={body} className={css.body} aria-busy={isOld} style={{ height: count * rowHeight }}>
        {list.pages.map((page) => {
          const inView = indices.filter(
            (index) => index >= page.offset && index < page.offset + page.ids.length,
          );
          if (inView.length === 0) return null;
          return (
            <ListPage
              key={`${asked.query} ${page.after}`}
              store={store}
              list={list}
              asked={asked}
              page={page}
              indices={inView}
              rowHeight={rowHeight}
              isSelected={selecting.has}
              onSelect={canSelect ? selecting.toggle : undefined}
            />
          );
        })}
      </tbody>
    </table>
  );
}

interface Keys {
  list: List;
  current: number | null;
  setCurrent: (index: number) => void;
  body: HTMLElement | null;
  scrollTo: (index: number) => void;
  selecting: Selecting;
  canSelect: boolean;
}

/** From row to row by keys. The focus is on the row's link, so that Enter opens it. */
function useRowKeys({ list, current, setCurrent, body, scrollTo, selecting, canSelect }: Keys): void {
  const [moves, setMoves] = useState(0);

  function move(by: number): void {
    const focused = Number(
      document.activeElement?.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN,
    );
    const from = Number.isNaN(focused) ? (current ?? -1) : focused;
    const index = Math.max(0, Math.min(rowCount(list) - 1, from + by));
    setCurrent(index);
    setMoves(moves + 1);
  }
  // Behind the drawing of the row, which may have been out of view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each press of a key.
  useLayoutEffect(() => {
    if (moves === 0 || current === null) return;
    scrollTo(current);
    body?.querySelector<HTMLElement>(`[data-index="${current}"] a[data-run]`)?.focus({ preventScroll: true });
  }, [moves]);

  useShortcut(["j"], "Next run", () => move(1));
  useShortcut(["k"], "Previous run", () => move(-1));
  useShortcut(["x"], "Select the run, or let go of it", () => {
    if (current !== null && canSelect) selecting.toggle(current, false);
  });
}
