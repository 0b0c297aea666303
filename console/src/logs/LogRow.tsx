import { ChevronDown, ChevronRight } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { clockText, exactText } from "../parts/instants.ts";
import { word } from "../parts/words.ts";
import { cut, DRAWN_CHARACTERS, marked, parse, type Span, spansOf, textOf } from "./ansi.ts";
import { markOf } from "./groups.ts";
import type { Line } from "./LogReader.ts";
import css from "./LogRow.module.css";
import { LogText } from "./LogText.tsx";

/** What can be done with a row; the same object for all of them. */
export interface RowActs {
  /** The number was clicked: with shift it ends a range. */
  point(sequence: number, extends_: boolean): void;
  hrefOf(sequence: number): string;
  showAll(sequence: number): void;
  /** Absent where groups cannot be folded. */
  fold?(sequence: number): void;
  showStep(key: string): void;
  stepName(key: string): string;
}

interface Props {
  row: number;
  rows: number;
  sequence: number;
  /** Pixels from the list's beginning. */
  start: number;
  line: Line | undefined;
  /** Whether the line before is of another step. */
  beginsStep: boolean;
  isPointed: boolean;
  isFolded: boolean;
  isWhole: boolean;
  hasTime: boolean;
  pattern: RegExp | null;
  acts: RowActs;
  measure: ((element: HTMLElement | null) => void) | undefined;
}

/** One line. Drawn again only where something of it changed. */
export const LogRow = memo(function LogRow(props: Props) {
  const { row, rows, sequence, start, line, isPointed, hasTime, acts, measure } = props;
  return (
    <li
      ref={measure}
      className={css.row}
      style={{ transform: `translateY(${start}px)` }}
      data-index={row}
      data-level={line?.level}
      data-pointed={isPointed || undefined}
      aria-posinset={row + 1}
      aria-setsize={rows}
      aria-current={isPointed || undefined}
    >
      <LineNumber sequence={sequence} line={line} acts={acts} />
      {hasTime && line && (
        <time className={css.time} dateTime={line.at} title={exactText(line.at)}>
          {clockText(line.at)}
        </time>
      )}
      {line ? <Content {...props} line={line} /> : <span className={css.missing} />}
    </li>
  );
});

/** The line's number, which is its link. */
function LineNumber({ sequence, line, acts }: { sequence: number; line: Line | undefined; acts: RowActs }) {
  function click(event: MouseEvent) {
    if (event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    acts.point(sequence, event.shiftKey);
  }

  return (
    <a
      className={css.number}
      href={acts.hrefOf(sequence)}
      onClick={click}
      title={line && about(line, acts)}
      aria-label={`Line ${sequence}`}
    >
      {sequence}
    </a>
  );
}

function about(line: Line, acts: RowActs): string {
  const step = line.stepKey === null ? "" : `, step ${acts.stepName(line.stepKey ?? "")}`;
  const { sequence, level, stream, attempt } = line;
  return `Line ${sequence}, ${word(level)}, ${stream}${step}, attempt ${attempt}\n${exactText(line.at)}`;
}

const SIGNS = { DEBUG: "D", INFO: "", WARNING: "W", ERROR: "E" };

function Content({ line, beginsStep, isFolded, isWhole, pattern, acts }: Props & { line: Line }) {
  const { sequence, message, level, stepKey, truncatedBytes } = line;
  const mark = markOf(message);
  return (
    <>
      <span className={css.sign} title={word(level)}>
        {SIGNS[level]}
      </span>
      {mark?.opens && acts.fold ? (
        <button
          type="button"
          className={css.group}
          aria-expanded={!isFolded}
          onClick={() => acts.fold?.(sequence)}
        >
          {isFolded ? <ChevronRight aria-hidden size={13} /> : <ChevronDown aria-hidden size={13} />}
          <LogText spans={marked(parse(mark.name), pattern)} />
        </button>
      ) : (
        <span className={css.text} data-mark={mark ? "yes" : undefined} dir="auto">
          <Message line={line} isWhole={isWhole} pattern={pattern} acts={acts} />
          {truncatedBytes ? (
            <span className={css.cut}> … {truncatedBytes.toLocaleString()} bytes more were not stored</span>
          ) : null}
        </span>
      )}
      {beginsStep && stepKey != null && (
        <button
          type="button"
          className={css.step}
          title="Show only the lines of this step"
          onClick={() => acts.showStep(stepKey)}
        >
          {acts.stepName(stepKey)}
        </button>
      )}
    </>
  );
}

function Message({
  line,
  isWhole,
  pattern,
  acts,
}: Pick<Props, "isWhole" | "pattern" | "acts"> & { line: Line }) {
  const spans = spansOf(line);
  const length = line.message.length > DRAWN_CHARACTERS ? textOf(spans).length : 0;
  if (length <= DRAWN_CHARACTERS || isWhole || hasMatchBeyond(spans, pattern))
    return <LogText spans={marked(spans, pattern)} />;
  return (
    <>
      <LogText spans={marked(cut(spans, DRAWN_CHARACTERS), pattern)} />
      <button type="button" className={css.all} onClick={() => acts.showAll(line.sequence)}>
        … show all {length.toLocaleString()} characters
      </button>
    </>
  );
}

/** Whether the first match lies in the part that is not drawn. */
function hasMatchBeyond(spans: readonly Span[], pattern: RegExp | null): boolean {
  if (!pattern) return false;
  const first = textOf(spans).search(pattern);
  return first > DRAWN_CHARACTERS - 100;
}
