// All agents, or all clusters: how their runs went, how long they took, and which came last.
import { useMemo, useState } from "react";
import { useNow } from "../parts/clock.ts";
import { useSearchParams } from "../parts/useSearchParams.ts";
import { ALL_TIME, isPreset, type Period, PRESET_NAMES, presetLabel } from "../runs/period.ts";
import css from "./NamesPage.module.css";
import { NamesRows } from "./NamesRows.tsx";
import type { Source } from "./source.ts";

/** What the address says where it says nothing, and where all of time is meant. */
const BY_DEFAULT = "7d";
const ALL = "all";
const MINUTE_MS = 60_000;

export function NamesPage({ title, source }: { title: string; source: Source }) {
  const [query, setQuery] = useSearchParams();
  const asked = query.get("range") ?? BY_DEFAULT;
  const range = isPreset(asked) ? asked : ALL;
  const period = useMemo<Period>(() => (range === ALL ? ALL_TIME : { preset: range }), [range]);
  const contains = query.get("q") ?? "";

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
          value={contains}
          onChange={(event) => change("q", event.target.value)}
        />
        <select aria-label="Runs of" value={range} onChange={(event) => change("range", event.target.value)}>
          {PRESET_NAMES.map((preset) => (
            <option key={preset} value={preset}>
              {presetLabel(preset)}
            </option>
          ))}
          <option value={ALL}>All time</option>
        </select>
      </header>
      <Pages key={contains} source={source} contains={contains} period={period} />
    </>
  );
}

interface PagesProps {
  source: Source;
  contains: string;
  period: Period;
}

/** Page by page; each further one by a button at the end of the last. */
function Pages({ source, contains, period }: PagesProps) {
  const minute = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
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
            now={minute}
            onMore={index === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : undefined}
          />
        ))}
      </table>
    </div>
  );
}

/** Names of one page: what fits a screen, and what statistics take well below a second for. */
const PAGE = 25;
