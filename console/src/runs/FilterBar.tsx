import { Bookmark, SlidersHorizontal } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { Button } from "../parts/Button.tsx";
import { useShortcut } from "../parts/shortcuts.tsx";
import { periodText } from "./Chips.tsx";
import { Dropdown } from "./Dropdown.tsx";
import css from "./FilterBar.module.css";
import { DIMENSIONS, type Dimension, type Filter, queryOf } from "./filter.ts";
import { isAllTime } from "./period.ts";
import { SearchField } from "./SearchField.tsx";

const FilterMenu = lazy(() => import("./FilterMenu.tsx"));
const PeriodMenu = lazy(() => import("./PeriodMenu.tsx"));
const ViewsMenu = lazy(() => import("./ViewsMenu.tsx"));

interface Props {
  filter: Filter;
  onFilter: (filter: Filter, options?: { replace?: boolean }) => void;
}

/** Everything that the list can be narrowed by. On a phone it is behind one button. */
export function FilterBar({ filter, onFilter }: Props) {
  const [isOpen, setOpen] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  useShortcut(["f"], "Filter", () => {
    setOpen(true);
    requestAnimationFrame(() => first.current?.click());
  });
  const count = filter.conditions.length + (isAllTime(filter.period) ? 0 : 1);
  return (
    <div className={css.bar}>
      <SearchField
        search={filter.search}
        // Each letter is not worth a step of Back.
        onSearch={(search) => onFilter({ ...filter, search }, { replace: filter.search !== "" })}
      />
      <Button
        className={css.more}
        aria-expanded={isOpen}
        aria-controls="filters"
        onClick={() => setOpen(!isOpen)}
      >
        <SlidersHorizontal aria-hidden size={15} /> Filters{count > 0 && ` (${count})`}
      </Button>
      <fieldset id="filters" className={css.filters} data-open={isOpen || undefined}>
        <legend className="unseen">Filters</legend>
        {(Object.keys(DIMENSIONS) as Dimension[]).map((dimension, index) => (
          <Dropdown
            key={dimension}
            ref={index === 0 ? first : undefined}
            label={DIMENSIONS[dimension]}
            title={`Filter by ${DIMENSIONS[dimension].toLowerCase()}`}
            isPressed={filter.conditions.some((each) => each.dimension === dimension)}
          >
            {() => (
              <Suspense fallback={null}>
                <FilterMenu dimension={dimension} filter={filter} onFilter={onFilter} />
              </Suspense>
            )}
          </Dropdown>
        ))}
        <Dropdown
          label={periodText(filter.period)}
          title="Filter by date"
          isPressed={!isAllTime(filter.period)}
        >
          {(close) => (
            <Suspense fallback={null}>
              <PeriodMenu
                period={filter.period}
                onPeriod={(period) => {
                  onFilter({ ...filter, period });
                  close();
                }}
              />
            </Suspense>
          )}
        </Dropdown>
      </fieldset>
      <Dropdown
        label={
          <>
            <Bookmark aria-hidden size={15} /> Views
          </>
        }
        title="Views"
        className={css.views}
      >
        {(close) => (
          <Suspense fallback={null}>
            <ViewsMenu query={queryOf(filter)} onClose={close} />
          </Suspense>
        )}
      </Dropdown>
    </div>
  );
}
