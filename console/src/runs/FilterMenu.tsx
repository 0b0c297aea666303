import { Ban, Check } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useState } from "react";
import { useQuery } from "urql";
import { Status } from "../parts/Status.tsx";
import css from "./FilterMenu.module.css";
import {
  apiFilter,
  type Condition,
  DIMENSIONS,
  type Dimension,
  type Filter,
  SOURCES,
  STATUSES,
  valueText,
  wish,
  withCondition,
  withoutCondition,
} from "./filter.ts";
import { NamesLikeDocument, RunFacetsDocument, type RunFacetsQuery } from "./stats.gen.ts";

interface Props {
  dimension: Dimension;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}

interface Option {
  value: string;
  /** Null where nobody counted. */
  count: number | null;
}

const HINTS: Partial<Record<Dimension, string>> = { by: "Exact name", label: "name=value" };

/** The values of a dimension, to look through, to want and not to want. */
export default function FilterMenu({ dimension, filter, onFilter }: Props) {
  const [typed, setTyped] = useState("");
  const { options, isLoading } = useOptions(dimension, filter, typed.trim());

  function toggle(value: string, isExcluded: boolean) {
    const condition: Condition = { dimension, value, isExcluded };
    const isSo = wish(filter, dimension, value) === (isExcluded ? "excluded" : "included");
    onFilter(isSo ? withoutCondition(filter, condition) : withCondition(filter, condition));
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows are a short way between its buttons, which Tab reaches.
    <div className={css.menu} onKeyDown={walk}>
      <input
        className={css.search}
        type="search"
        aria-label={`${DIMENSIONS[dimension]} to look for`}
        placeholder={HINTS[dimension] ?? "Look for …"}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && options[0]) toggle(options[0].value, false);
        }}
      />
      <ul className={css.options} aria-label={DIMENSIONS[dimension]}>
        {options.map((option) => (
          <OptionRow key={option.value} {...{ dimension, option, filter, toggle }} />
        ))}
      </ul>
      {options.length === 0 && !isLoading && (
        <p className={`${css.none} quiet`}>
          {HINTS[dimension] && !typed ? HELP[dimension] : "None of that name"}
        </p>
      )}
    </div>
  );
}

const HELP: Partial<Record<Dimension, string>> = {
  by: "Type the name of a user, a schedule, a Copilot session, a webhook or an event.",
  label: "Type a label, such as team=data.",
};

interface RowProps {
  dimension: Dimension;
  option: Option;
  filter: Filter;
  toggle: (value: string, isExcluded: boolean) => void;
}

function OptionRow({ dimension, option: { value, count }, filter, toggle }: RowProps) {
  const wanted = wish(filter, dimension, value);
  const text = valueText(dimension, value);
  return (
    <li className={css.option}>
      <button
        type="button"
        data-option
        className={css.include}
        aria-pressed={wanted === "included"}
        title={text}
        onClick={() => toggle(value, false)}
      >
        <span className={css.mark}>{wanted === "included" && <Check aria-hidden size={14} />}</span>
        <span className={css.text} data-wish={wanted}>
          {dimension === "status" ? (
            <Status status={value as (typeof STATUSES)[number]} />
          ) : (
            <bdi>{text}</bdi>
          )}
        </span>
        {count !== null && <span className="numbers quiet">{count.toLocaleString()}</span>}
      </button>
      <button
        type="button"
        className={css.exclude}
        aria-pressed={wanted === "excluded"}
        aria-label={`Without ${text}`}
        title={`Without ${text}`}
        onClick={() => toggle(value, true)}
      >
        <Ban aria-hidden size={14} />
      </button>
    </li>
  );
}

/** What can be chosen: counted values, those that are chosen already, and what somebody typed. */
function useOptions(
  dimension: Dimension,
  filter: Filter,
  typed: string,
): { options: Option[]; isLoading: boolean } {
  // What is wanted of a dimension says nothing about what else could be.
  const others = { ...filter, conditions: filter.conditions.filter((each) => each.dimension !== dimension) };
  const [asked] = useState(() => apiFilter(others, Date.now()));
  const [{ data, fetching }] = useQuery({
    query: RunFacetsDocument,
    variables: { filter: asked },
    pause: !COUNTED.has(dimension),
    requestPolicy: "cache-and-network",
  });
  const part = useDeferredValue(typed);
  const isNamed = dimension === "agent" || dimension === "cluster";
  const [names] = useQuery({ query: NamesLikeDocument, variables: { part }, pause: !isNamed || !part });
  const counts = new Map(counted(dimension, data));
  const chosen = filter.conditions.filter((each) => each.dimension === dimension).map(({ value }) => value);
  const found = (part && isNamed && names.data?.[`${dimension}s`].nodes.map(({ name }) => name)) || [];
  const free =
    !COUNTED.has(dimension) && typed && (dimension !== "label" || typed.indexOf("=") > 0) ? [typed] : [];
  const values = [...new Set([...counts.keys(), ...chosen, ...found, ...free])];
  const options = values
    .filter((value) => valueText(dimension, value).toLowerCase().includes(typed.toLowerCase()))
    .map((value) => ({ value, count: counts.get(value) ?? null }));
  return { options, isLoading: fetching || names.fetching };
}

/** Those that the service counts by. */
const COUNTED: ReadonlySet<Dimension> = new Set(["status", "agent", "trigger", "cluster"]);

function counted(dimension: Dimension, data: RunFacetsQuery | undefined): [string, number | null][] {
  const stats = data?.runStats;
  switch (dimension) {
    case "status":
      return withCounts(
        STATUSES,
        stats?.byStatus.map(({ status, count }) => [status, count]),
      );
    case "trigger":
      return withCounts(
        SOURCES,
        stats?.bySource.map(({ source, count }) => [source, count]),
      );
    case "agent":
      return stats?.byAgent.map(({ agent, count }) => [agent.name, count]) ?? [];
    case "cluster":
      return stats?.byCluster.map(({ cluster, count }) => [cluster.name, count]) ?? [];
    default:
      return [];
  }
}

function withCounts(
  values: readonly string[],
  counts: [string, number][] | undefined,
): [string, number | null][] {
  const known = new Map(counts);
  return values.map((value) => [value, counts ? (known.get(value) ?? 0) : null]);
}

/** Up and down, from the text to the values and between them. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, [data-option]")];
  const at = stops.findIndex(
    (stop) =>
      stop === document.activeElement ||
      (stop.parentElement?.contains(document.activeElement) && stop.tagName !== "INPUT"),
  );
  stops[Math.max(0, Math.min(stops.length - 1, at + by))]?.focus();
  event.preventDefault();
}
