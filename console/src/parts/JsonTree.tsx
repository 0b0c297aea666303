import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { indented, JsonValue } from "../api/json.ts";
import { CopyButton } from "./CopyButton.tsx";
import css from "./JsonTree.module.css";
import { allOpen, type JsonRow, jsonRows } from "./jsonRows.ts";
import { changed } from "./sets.ts";
import { Cell, TreeRows } from "./TreeRows.tsx";
import { counted } from "./words.ts";

/** Characters of a string that are shown before somebody wants all. */
const FOLDED_LENGTH = 160;
/** Values that a tree shows open at first; what is larger begins closed. */
const OPEN_AT_FIRST = 50;
const ROW_PX = 26;

interface Props {
  /** The JSON as it was told. */
  text: string;
  /** What it is, such as `inputs`. */
  label: string;
}

/** JSON as a tree: digits and order as they were told, long strings folded, each value and path to be copied. */
export function JsonTree({ text, label }: Props) {
  const value = useMemo(() => new JsonValue(text), [text]);
  const [open, setOpen] = useState<ReadonlySet<JsonValue>>(() => openAtFirst(value));
  const [unfolded, setUnfolded] = useState<ReadonlySet<JsonValue>>(new Set());
  const rows = useMemo(() => jsonRows(value, open), [value, open]);
  return (
    <div className={css.box}>
      <div className={css.whole}>
        <CopyButton text={() => indented(value)} what={`all ${label}`} />
      </div>
      <TreeRows
        label={label}
        rows={rows}
        rowHeight={ROW_PX}
        className={css.tree}
        onToggle={(row, isOpen) => setOpen(changed(open, [row.value], isOpen))}
        onToggleAll={(isOpen) => setOpen(isOpen ? allOpen(value) : new Set())}
      >
        {(row, isActive) => (
          <Cells
            row={row}
            isActive={isActive}
            isUnfolded={unfolded.has(row.value)}
            onUnfold={(isUnfolded) => setUnfolded(changed(unfolded, [row.value], isUnfolded))}
          />
        )}
      </TreeRows>
    </div>
  );
}

/** The whole where it is small, else its first level; nothing of one whose first level is long. */
function openAtFirst(value: JsonValue): ReadonlySet<JsonValue> {
  if (value.text.length < OPEN_AT_FIRST * 100) {
    const all = allOpen(value);
    if (jsonRows(value, all).length <= OPEN_AT_FIRST) return all;
  }
  return value.entries.length <= OPEN_AT_FIRST ? new Set([value]) : new Set();
}

interface CellsProps {
  row: JsonRow;
  isActive: boolean;
  isUnfolded: boolean;
  onUnfold: (isUnfolded: boolean) => void;
}

function Cells({ row, isActive, isUnfolded, onUnfold }: CellsProps) {
  const { name, value, path, level, isOpen } = row;
  return (
    <>
      <Cell className={css.cell} style={{ paddingInlineStart: `${(level - 1) * 1.1}rem` }}>
        <ChevronRight aria-hidden size={14} className={css.chevron} data-open={isOpen} />
        {name !== null && <bdi className={typeof name === "number" ? css.index : css.name}>{name}</bdi>}
        {value.isContainer ? (
          <span className="quiet">{held(value)}</span>
        ) : (
          <Plain value={value} isUnfolded={isUnfolded} onUnfold={onUnfold} isActive={isActive} />
        )}
      </Cell>
      <Cell className={css.copy} data-active={isActive || undefined}>
        <CopyButton text={() => copied(value)} what={`the value of ${path}`} isReached={isActive} />
        <CopyButton text={path} what={`the path ${path}`} kind="path" isReached={isActive} />
      </Cell>
    </>
  );
}

function Plain({ value, isUnfolded, onUnfold, isActive }: Omit<CellsProps, "row"> & { value: JsonValue }) {
  const { kind, text } = value;
  if (kind !== "string") return <span className={css[kind]}>{text}</span>;
  const whole = JSON.parse(text) as string;
  const isLong = whole.length > FOLDED_LENGTH || whole.includes("\n");
  const shown = isLong && !isUnfolded ? (whole.slice(0, FOLDED_LENGTH).split("\n")[0] ?? "") : whole;
  return (
    <>
      <bdi className={css.string} data-unfolded={isUnfolded || undefined}>
        {isUnfolded ? shown : `"${shown}${isLong ? "…" : '"'}`}
      </bdi>
      {isLong && (
        <button
          type="button"
          className={css.more}
          tabIndex={isActive ? 0 : -1}
          onClick={() => onUnfold(!isUnfolded)}
        >
          {isUnfolded ? "Less" : `All ${counted(whole.length, "character")}`}
        </button>
      )}
    </>
  );
}

function held({ kind, entries }: JsonValue): string {
  if (entries.length === 0) return kind === "object" ? "{}" : "[]";
  return kind === "object"
    ? `{ ${counted(entries.length, "key")} }`
    : `[ ${counted(entries.length, "item")} ]`;
}

/** Strings without their quotes: one copies a name to search for it. */
function copied(value: JsonValue): string {
  return value.kind === "string" ? (JSON.parse(value.text) as string) : indented(value);
}
