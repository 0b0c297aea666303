import { X } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useQuery } from "urql";
import { Button } from "../parts/Button.tsx";
import { counted } from "../parts/words.ts";
import { SelectionCountsDocument } from "./actions.gen.ts";
import type { Filter } from "./filter.ts";
import css from "./rows.module.css";
import { selectionFilter } from "./selected.ts";
import { MAX_SELECTED, type Selecting } from "./useSelection.ts";

const DeleteDialog = lazy(() => import("./DeleteDialog.tsx"));
const CancelDialog = lazy(() => import("./CancelDialog.tsx"));

interface Props {
  selecting: Selecting;
  filter: Filter;
  /** Runs that match; undefined while nobody knows. */
  matching: number | undefined;
  /** Runs that are loaded. */
  loaded: number;
}

/** In the place of the columns' names while runs are selected: how many, and what can be done to them. */
export function SelectionBar({ selecting, filter, matching, loaded }: Props) {
  const { selection, clear, selectAll, selectLoaded } = selecting;
  const [asked, setAsked] = useState<"cancel" | "delete" | null>(null);
  const runs = useMemo(() => selectionFilter(selection, filter, Date.now()), [selection, filter]);
  const [{ data }] = useQuery({
    query: SelectionCountsDocument,
    variables: { filter: runs },
    requestPolicy: "network-only",
  });
  const count = selection === "all" ? data?.runStats?.total : selection.ids.size;
  const active = data?.runStats ? data.runStats.total - data.runStats.deletableCount : 0;
  const isAll = selection === "all";
  const areAllSelected = isAll || selection.ids.size >= Math.min(loaded, MAX_SELECTED);
  const close = () => setAsked(null);

  return (
    <tr className={css.bar}>
      <td>
        <label className={css.check}>
          <input
            type="checkbox"
            aria-label="Select all that are loaded"
            checked={areAllSelected}
            ref={(box) => {
              if (box) box.indeterminate = !areAllSelected;
            }}
            onChange={(event) => (event.target.checked ? selectLoaded() : clear())}
          />
        </label>
      </td>
      <td className={css.actions}>
        <strong role="status">
          {count === undefined
            ? "…"
            : isAll
              ? `All ${count.toLocaleString()} that match are selected`
              : `${count.toLocaleString()} selected`}
        </strong>
        {!isAll && matching !== undefined && matching > selection.ids.size && (
          <Button look="plain" className={css.all} onClick={selectAll}>
            Select all {matching.toLocaleString()} that match
          </Button>
        )}
        {active > 0 && <Button onClick={() => setAsked("cancel")}>Cancel {counted(active, "run")} …</Button>}
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete …
        </Button>
        <Button look="plain" aria-label="Select none" title="Select none" onClick={clear}>
          <X aria-hidden size={15} />
        </Button>
        <Suspense fallback={null}>
          {asked === "delete" && <DeleteDialog runs={runs} onClose={close} onDone={clear} />}
          {asked === "cancel" && <CancelDialog runs={runs} active={active} onClose={close} onDone={clear} />}
        </Suspense>
      </td>
    </tr>
  );
}
