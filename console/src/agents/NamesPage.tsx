// All agents, or all clusters: how their runs went, how long they took, and which came last.
import { useState } from "react";
import { useSearchParams } from "wouter";
import { useNow } from "../parts/clock.ts";
import css from "./NamesPage.module.css";
import { NamesRows } from "./NamesRows.tsx";
import { beginOf, PERIODS, type Period, periodIn } from "./period.ts";
import type { Source } from "./source.ts";

export function NamesPage({ title, source }: { title: string; source: Source }) {
  const [query, setQuery] = useSearchParams();
  const period = periodIn(query);
  const contains = query.get("q") ?? "";
  const since = beginOf(period, useNow());

  function change(key: string, value: string) {
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(key, value);
        else next.delete(key);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <>
      <header className={css.header}>
        <h1>{title}</h1>
        <input
          type="search"
          aria-label={`Search ${source.noun}s`}
          placeholder={`Search ${source.noun}s`}
          defaultValue={contains}
          onChange={(event) => change("q", event.target.value)}
        />
        <select
          aria-label="Runs of"
          value={period}
          onChange={(event) => change("range", event.target.value as Period)}
        >
          {Object.entries(PERIODS).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </header>
      <Pages key={contains} source={source} contains={contains} period={period} since={since} />
    </>
  );
}

interface PagesProps {
  source: Source;
  contains: string;
  period: Period;
  since: string | null;
}

/** Page by page; each further one by a button at the end of the last. */
function Pages({ source, contains, period, since }: PagesProps) {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  return (
    <div className={css.scroller}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className={css.number}>
              Runs
            </th>
            <th scope="col" className={css.number}>
              Success
            </th>
            <th scope="col" className={css.number}>
              p50
            </th>
            <th scope="col" className={css.number}>
              p95
            </th>
            <th scope="col">Latest runs</th>
          </tr>
        </thead>
        {cursors.map((after, index) => (
          <NamesRows
            key={after}
            source={source}
            page={{ first: PAGE, after, contains: contains || null }}
            period={period}
            since={since}
            onMore={index === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : undefined}
          />
        ))}
      </table>
    </div>
  );
}

/** Names of one page: what fits a screen, and what statistics take well below a second for. */
const PAGE = 25;
