import { useCallback, useEffect, useRef } from "react";
import { Chips } from "./Chips.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { type Condition, queryOf, withCondition } from "./filter.ts";
import { ListHead } from "./ListHead.tsx";
import { ListTail } from "./ListTail.tsx";
import { rowCount } from "./list.ts";
import { NewRuns } from "./NewRuns.tsx";
import css from "./RunsPage.module.css";
import { RunTable } from "./RunTable.tsx";
import { SelectionBar } from "./SelectionBar.tsx";
import { StatusTabs } from "./StatusTabs.tsx";
import { Timeline } from "./Timeline.tsx";
import { useCounts } from "./useCounts.ts";
import { useFilter } from "./useFilter.ts";
import { useVersion } from "./useFresh.ts";
import { useLiveList } from "./useLiveList.ts";
import { useSelection } from "./useSelection.ts";
import { AddCondition } from "./Value.tsx";

/** The list of runs. */
export function RunsPage() {
  const { filter, dropped, setFilter } = useFilter();
  const { store, list, isOld, error, liveError } = useLiveList(queryOf(filter));
  const version = useVersion(store.listenTold);
  const counts = useCounts(filter, version, list.asked === null);
  const selecting = useSelection(list, filter);
  const addCondition = useAddCondition(filter, setFilter);
  const loaded = rowCount(list);

  return (
    <AddCondition value={addCondition}>
      <div className={css.page}>
        <h1 className="unseen">Runs</h1>
        <FilterBar filter={filter} onFilter={setFilter} />
        {dropped.length > 0 && (
          <p className={css.dropped} role="status">
            Not understood in the address, and left out: {dropped.join(", ")}
          </p>
        )}
        <StatusTabs filter={filter} onFilter={setFilter} counts={counts} />
        <Chips filter={filter} onFilter={setFilter} matching={counts?.matching} />
        <Timeline
          filter={filter}
          counts={counts}
          isReady={list.asked !== null}
          version={version}
          onSpan={(period) => setFilter({ ...filter, period })}
        />
        <section className={css.list} aria-label="Runs">
          <NewRuns count={list.waiting.size} onShow={store.refresh} />
          {loaded > 0 && (
            <RunTable
              store={store}
              list={list}
              isOld={isOld}
              canSelect={list.canAct}
              selecting={selecting}
              head={
                selecting.isEmpty ? (
                  <ListHead
                    sort={filter.sort}
                    onSort={(sort) => setFilter({ ...filter, sort })}
                    onSelectAll={list.canAct ? selecting.selectLoaded : undefined}
                  />
                ) : (
                  <SelectionBar
                    selecting={selecting}
                    filter={filter}
                    matching={counts?.matching}
                    loaded={loaded}
                  />
                )
              }
            />
          )}
          <ListTail {...{ filter, list, error, liveError }} onMore={store.readMore} onFilter={setFilter} />
        </section>
      </div>
    </AddCondition>
  );
}

type Filtering = ReturnType<typeof useFilter>;

/** One function for as long as the page is there: rows that get it stay as they are when the filter changes. */
function useAddCondition(filter: Filtering["filter"], setFilter: Filtering["setFilter"]) {
  const latest = useRef({ filter, setFilter });
  useEffect(() => {
    latest.current = { filter, setFilter };
  });
  return useCallback((condition: Condition) => {
    const { filter, setFilter } = latest.current;
    setFilter(withCondition(filter, condition));
  }, []);
}
