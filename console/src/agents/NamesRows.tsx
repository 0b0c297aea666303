import { useMemo } from "react";
import { Link } from "wouter";
import { Button } from "../parts/Button.tsx";
import { durationText } from "../parts/duration.ts";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { type Condition, runsAddress } from "../runs/filter.ts";
import { type Period, spanAt } from "../runs/period.ts";
import type { NumbersFragment } from "./agents.gen.ts";
import { Latest } from "./Latest.tsx";
import css from "./NamesPage.module.css";
import { type Page, type Row, type Source, useNumbers } from "./source.ts";

interface Props {
  source: Source;
  page: Page;
  period: Period;
  /** The moment that it ends at, in milliseconds: a full minute, so that a question asked again is the same. */
  now: number;
  /** Asks for what lies behind, from a cursor; only of the last page. */
  onMore: ((cursor: string) => void) | undefined;
}

const COLUMNS = 6;

/** One page of the table. */
export function NamesRows({ source, page, period, now, onMore }: Props) {
  const { rows, next, error, retry } = source.useRows(page);
  const filter = useMemo(() => ({ startedAt: spanAt(period, now) }), [period, now]);
  const numbers = useNumbers(rows?.map(({ id }) => id) ?? [], filter);

  if (error)
    return (
      <Whole>
        <Failed what={`the ${source.noun}s`} error={error} onRetry={retry} />
      </Whole>
    );
  if (!rows)
    return (
      <Whole>
        <Loading what={`${source.noun}s`} height="20rem" />
      </Whole>
    );
  if (rows.length === 0)
    return (
      <Whole>
        <Nothing noun={source.noun} contains={page.contains} />
      </Whole>
    );
  return (
    <tbody>
      {rows.map((row) => (
        <tr key={row.id}>
          <th scope="row">
            <Link href={addressOf(source, row, period)}>{row.name}</Link>
            {row.note && <span className={css.note}>{row.note}</span>}
          </th>
          <Numbers numbers={numbers.byId.get(row.id)} failed={addressOf(source, row, period, FAILED)} />
          <td>
            <Latest runs={row.latest} />
          </td>
        </tr>
      ))}
      {numbers.error && (
        <tr>
          <td colSpan={COLUMNS}>
            <Failed what="the numbers" error={numbers.error} onRetry={numbers.retry} />
          </td>
        </tr>
      )}
      {next && onMore && (
        <tr>
          <td colSpan={COLUMNS}>
            <Button onClick={() => onMore(next)}>Show more</Button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

function Whole({ children }: { children: React.ReactNode }) {
  return (
    <tbody>
      <tr>
        <td colSpan={COLUMNS}>{children}</td>
      </tr>
    </tbody>
  );
}

function Nothing({ noun, contains }: { noun: string; contains: string | null }) {
  return contains ? (
    <Empty title={`No ${noun} has “${contains}” in its name`} />
  ) : (
    <Empty title={`There is no ${noun} yet`}>It is known from its first run on.</Empty>
  );
}

function Numbers({ numbers, failed }: { numbers: NumbersFragment | undefined; failed: string }) {
  const success = numbers?.successRate;
  return (
    <>
      <td className={css.number}>{numbers ? numbers.total.toLocaleString() : "…"}</td>
      <td className={css.number}>{success == null ? "–" : <Link href={failed}>{percent(success)}</Link>}</td>
      <td className={css.number}>{seconds(numbers?.durationP50Seconds)}</td>
      <td className={css.number}>{seconds(numbers?.durationP95Seconds)}</td>
    </>
  );
}

/** Rounded down, so that 100 % means all of them. */
function percent(rate: number): string {
  return `${(Math.floor(rate * 1000) / 10).toLocaleString()} %`;
}

function seconds(duration: number | null | undefined): string {
  return duration == null ? "–" : durationText(duration);
}

/** The list of the runs that a row counts. */
function addressOf({ noun }: Source, { name }: Row, period: Period, ...more: Condition[]): string {
  const conditions = [{ dimension: noun, value: name, isExcluded: false }, ...more];
  return runsAddress({ conditions, period });
}

const FAILED: Condition = { dimension: "status", value: "FAILED", isExcluded: false };
