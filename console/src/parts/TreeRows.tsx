// A tree in rows, of which only those in view are drawn.
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from "react";
import { useShortcut } from "./shortcuts.tsx";
import css from "./TreeRows.module.css";
import { type TreeRow, treeMove } from "./treeKeys.ts";

interface Props<Row extends TreeRow> {
  /** What the tree shows, such as `inputs`. */
  label: string;
  rows: readonly Row[];
  /** Pixels, of a row that is as high as most. */
  rowHeight: number;
  className?: string | undefined;
  /** Column headers, which stay while the rows scroll. */
  header?: ReactNode;
  /** The key of the row whose details are shown. */
  chosen?: string | null;
  onToggle: (row: Row, isOpen: boolean) => void;
  onToggleAll: (isOpen: boolean) => void;
  /** Enter, or a click on a row; absent: they open and close it. */
  onChoose?: (row: Row) => void;
  /** The cells of a row. What can be pressed in them is reached by Tab in the active row only. */
  children: (row: Row, isActive: boolean) => ReactNode;
}

/** Rows beyond the edges that are drawn too, so that scrolling shows no gaps. */
const OVERSCAN = 12;
const HEADER_PX = 32;

export function TreeRows<Row extends TreeRow>(props: Props<Row>) {
  const { label, rows, rowHeight, className = "", header, chosen, onToggle, onToggleAll, children } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const active = Math.max(0, indexOf(rows, activeKey ?? chosen));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    scrollPaddingEnd: header ? HEADER_PX : 0,
  });

  const isChosenThere = indexOf(rows, chosen) >= 0;
  const show = useEffectEvent((key: string) => {
    // Whoever pressed the row sees it; by a link or a key it may be out of the window, with the whole tree.
    if (key !== activeKey) scroller.current?.scrollIntoView({ block: "nearest" });
    goTo(indexOf(rows, key));
  });
  useEffect(() => {
    if (chosen && isChosenThere) show(chosen);
  }, [chosen, isChosenThere]);

  useShortcut(["e"], `Expand all ${label}`, () => isMeant(scroller.current) && onToggleAll(true));
  useShortcut(["w"], `Collapse all ${label}`, () => isMeant(scroller.current) && onToggleAll(false));

  function press(row: Row): void {
    setActiveKey(row.key);
    if (props.onChoose) props.onChoose(row);
    else if (row.isOpen !== undefined) onToggle(row, !row.isOpen);
  }

  function goTo(index: number): void {
    setActiveKey(rows[index]?.key ?? null);
    virtual.scrollToIndex(index);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[active];
    const isOurs = event.target === event.currentTarget && !event.ctrlKey && !event.metaKey && !event.altKey;
    const move = row && isOurs ? treeMove(rows, active, event.key) : null;
    if (!row || !move) return;
    event.preventDefault();
    if (move === "press") press(row);
    else if ("isOpen" in move) onToggle(row, move.isOpen);
    else goTo(move.goTo);
  }

  const rowId = (index: number) => `${id}-${index}`;
  return (
    <div
      ref={scroller}
      className={`${css.tree} ${className}`}
      role="treegrid"
      aria-label={label}
      aria-rowcount={rows.length + (header ? 1 : 0)}
      aria-activedescendant={rows.length > 0 ? rowId(active) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {header && (
        // biome-ignore lint/a11y: as the rows
        <div role="row" aria-rowindex={1} className={css.header} style={{ height: HEADER_PX }}>
          {header}
        </div>
      )}
      <div role="presentation" className={css.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              // biome-ignore lint/a11y: the focus and the keys of all rows are the tree's
              <div
                key={row.key}
                id={rowId(index)}
                ref={virtual.measureElement}
                data-index={index}
                className={css.row}
                role="row"
                aria-rowindex={index + (header ? 2 : 1)}
                aria-level={row.level}
                aria-expanded={row.isOpen}
                aria-selected={chosen === undefined ? undefined : row.key === chosen}
                data-active={index === active || undefined}
                style={{ minHeight: rowHeight, translate: `0 ${start}px` }}
                onClick={(event) => !isPressable(event.target) && press(row)}
              >
                {children(row, index === active)}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

/** A cell of a row. */
export function Cell(props: ComponentProps<"span">) {
  // biome-ignore lint/a11y: the focus is the tree's, and table cells have no place in rows that are placed one by one
  return <span role="gridcell" {...props} />;
}

function indexOf(rows: readonly TreeRow[], key: string | null | undefined): number {
  return key == null ? -1 : rows.findIndex((row) => row.key === key);
}

function isPressable(target: EventTarget): boolean {
  return target instanceof Element && target.closest("button, a") !== null;
}

/** Keys for trees are for the one that has the focus, or else for all that are there. */
function isMeant(tree: Element | null): boolean {
  const focused = document.activeElement?.closest('[role="treegrid"]') ?? null;
  return focused === null || focused === tree;
}
