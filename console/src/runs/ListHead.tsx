import { ArrowDown, ArrowUp } from "lucide-react";
import type { Sort } from "./filter.ts";
import css from "./rows.module.css";

interface Props {
  sort: Sort;
  onSort: (sort: Sort) => void;
  /** Absent where nothing can be selected. */
  onSelectAll: (() => void) | undefined;
}

/** The names of the columns, and by which of them the list is ordered. */
export function ListHead({ sort, onSort, onSelectAll }: Props) {
  return (
    <tr className={css.head}>
      {onSelectAll && (
        <td>
          <label className={css.check}>
            <input
              type="checkbox"
              aria-label="Select all that are loaded"
              checked={false}
              onChange={onSelectAll}
            />
          </label>
        </td>
      )}
      <th scope="col">Status</th>
      <th scope="col">Agent</th>
      <th scope="col">Trigger</th>
      <th scope="col">Cluster</th>
      <Sortable name="Started" by="started" sort={sort} onSort={onSort} />
      <Sortable name="Duration" by="duration" sort={sort} onSort={onSort} />
      <th scope="col">Failure or progress</th>
    </tr>
  );
}

function Sortable({
  name,
  by,
  sort,
  onSort,
}: { name: string; by: "started" | "duration" } & Omit<Props, "onSelectAll">) {
  const isDescending = sort === `-${by}`;
  const isAscending = sort === by;
  const order = isDescending ? "descending" : isAscending ? "ascending" : undefined;
  return (
    <th scope="col" aria-sort={order}>
      <button type="button" className={css.sort} onClick={() => onSort(isDescending ? by : `-${by}`)}>
        {name}
        {isDescending && <ArrowDown aria-hidden size={14} />}
        {isAscending && <ArrowUp aria-hidden size={14} />}
      </button>
    </th>
  );
}
