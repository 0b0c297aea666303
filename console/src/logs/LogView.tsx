import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine } from "lucide-react";
import {
  type CSSProperties,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Button } from "../parts/Button.tsx";
import { counted } from "../parts/words.ts";
import type { Range } from "./address.ts";
import type { Log, LogState } from "./Log.ts";
import { LogEarlier, LogEnd } from "./LogEnd.tsx";
import { LogRow, type RowActs } from "./LogRow.tsx";
import css from "./LogView.module.css";
import { ROW_PX } from "./rowHeight.ts";
import { useFollow } from "./useFollow.ts";
import { WholeLog } from "./WholeLog.ts";

/** Rows drawn beyond those that are seen. */
const OVERSCAN = 20;

interface Props {
  log: Log;
  state: LogState;
  range: Range | null;
  isWrapped: boolean;
  hasTimes: boolean;
  pattern: RegExp | null;
  /** Whether to begin at the end, and stay there. */
  follows: boolean;
  acts: Omit<RowActs, "fold" | "showAll">;
  /** Is told the number of the first line that is seen. */
  place: RefObject<number>;
}

/** The lines, of which only those are drawn that are seen. */
export function LogView(props: Props) {
  const { log, state, range, isWrapped, hasTimes, pattern, follows, place } = props;
  const scroller = useRef<HTMLElement>(null);
  const { isFollowing, isAtEnd, follow } = useFollow(scroller, follows);
  const virtual = useRows(log, state, isWrapped, scroller);
  const [whole, showAll] = useShownWhole();
  const acts = useRowActs(props.acts, log, showAll);
  const news = useNews(state, isAtEnd);

  const items = virtual.getVirtualItems();
  const first = items.at(0)?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const seen = virtual.range?.startIndex ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other lines may stand in the same rows now
  useEffect(() => {
    log.want(first, last);
    place.current = log.sequenceAt(seen);
  }, [log, first, last, seen, state, place]);

  useEffect(() => {
    // Of more lines than there are rows the last ones.
    if (isFollowing.current && state.hasLater && log instanceof WholeLog) log.goTo("end");
  }, [log, state, isFollowing]);

  usePointed({ log, state, range, virtual, stopFollowing: () => follow(false) });

  const jump = () => {
    log.goTo("end");
    follow(true);
  };

  // At once, however far it is, and to the ends of the log, not only of the rows.
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "End") jump();
    else if (event.key === "Home") {
      log.goTo(1);
      follow(false);
      scroller.current?.scrollTo({ top: 0, behavior: "instant" });
    } else return;
    event.preventDefault();
  };

  return (
    <div className={css.place}>
      <section
        ref={scroller}
        className={css.scroller}
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys (WCAG 2.1.1)
        tabIndex={0}
        onKeyDown={press}
        data-wrap={isWrapped ? "yes" : "no"}
        style={{ "--digits": String(state.last).length, "--row": `${ROW_PX}px` } as CSSProperties}
      >
        {state.hasEarlier && <LogEarlier log={log} />}
        <ol className={css.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const line = log.lineAt(index);
            const sequence = log.sequenceAt(index);
            return (
              <LogRow
                key={sequence}
                row={index}
                rows={state.rows}
                sequence={sequence}
                start={start}
                line={line}
                beginsStep={!!line && line.stepKey !== log.lineAt(index - 1)?.stepKey}
                isPointed={range !== null && sequence >= range.first && sequence <= range.last}
                isFolded={log instanceof WholeLog && log.isFolded(sequence)}
                isWhole={whole.has(sequence)}
                hasTime={hasTimes}
                pattern={pattern}
                acts={acts}
                measure={isWrapped ? virtual.measureElement : undefined}
              />
            );
          })}
        </ol>
        <LogEnd log={log} state={state} />
      </section>
      {!isAtEnd && (
        <Button className={css.jump} onClick={jump}>
          <ArrowDownToLine aria-hidden size={15} />
          {news > 0 ? counted(news, "new line") : "Jump to end"}
        </Button>
      )}
    </div>
  );
}

function useRows(log: Log, state: LogState, isWrapped: boolean, scroller: RefObject<HTMLElement | null>) {
  // Where folding moves measured rows they are known by their lines. That costs: a million keys take a while.
  const isMoved = isWrapped && state.isFolded;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys are others once the rows are
  const keyOf = useMemo(
    () => (isMoved ? (row: number) => log.sequenceAt(row) : rowKey),
    [log, isMoved, isMoved ? state.rows : 0],
  );
  const virtual = useVirtualizer<HTMLElement, HTMLElement>({
    count: state.rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: keyOf,
    overscan: OVERSCAN,
  });
  const wasWrapped = useRef(isWrapped);
  useLayoutEffect(() => {
    if (wasWrapped.current === isWrapped) return;
    wasWrapped.current = isWrapped;
    // The rows have other heights: stay with the line at the top.
    const first = virtual.range?.startIndex ?? 0;
    virtual.measure();
    virtual.scrollToIndex(first, { align: "start" });
  }, [virtual, isWrapped]);
  return virtual;
}

/** Without folds that is the line's number, too. */
function rowKey(row: number): number {
  return row + 1;
}

/** The long lines that somebody wants to see whole. */
function useShownWhole() {
  const [whole, setWhole] = useState<ReadonlySet<number>>(new Set());
  const showAll = useCallback((sequence: number) => setWhole((set) => new Set(set).add(sequence)), []);
  return [whole, showAll] as const;
}

/** One object for all rows and all drawings, so that rows are drawn only where their line changes. */
function useRowActs(acts: Props["acts"], log: Log, showAll: RowActs["showAll"]): RowActs {
  return useMemo(
    () => ({
      ...acts,
      showAll,
      ...(log instanceof WholeLog && { fold: (sequence: number) => void log.toggle(sequence) }),
    }),
    [acts, log, showAll],
  );
}

/** How many lines came since somebody left the end. */
function useNews(state: LogState, isAtEnd: boolean): number {
  const known = useRef(0);
  if (isAtEnd || state.phase !== "live" || known.current === 0) known.current = state.last;
  return state.last - known.current;
}

interface Pointing {
  log: Log;
  state: LogState;
  range: Range | null;
  virtual: ReturnType<typeof useRows>;
  stopFollowing: () => void;
}

/** Brings the lines that the address points at into view, once they are among the rows. */
function usePointed({ log, state, range, virtual, stopFollowing }: Pointing): void {
  const first = range?.first;
  const target = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    target.current = first;
    if (first !== undefined) log.goTo(first);
  }, [log, first]);
  useLayoutEffect(() => {
    const sequence = target.current;
    if (sequence === undefined || state.rows === 0) return;
    const row = log.rowOf(Math.min(sequence, state.last));
    if (log.sequenceAt(row) < sequence && state.phase === "reading") return;
    target.current = undefined;
    stopFollowing();
    if (!isSeen(virtual, row)) virtual.scrollToIndex(row, { align: "center" });
  });
}

function isSeen({ range }: ReturnType<typeof useRows>, row: number): boolean {
  return range !== null && row >= range.startIndex && row <= range.endIndex;
}
