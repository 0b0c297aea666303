import { memo, useState } from "react";
import { Link } from "wouter";
import { Duration } from "../parts/Duration.tsx";
import { runPath } from "../parts/runPaths.ts";
import { Status } from "../parts/Status.tsx";
import { Time } from "../parts/Time.tsx";
import { word } from "../parts/words.ts";
import { Details } from "./Details.tsx";
import type { Absence } from "./list.ts";
import css from "./rows.module.css";
import type { RunRowFragment } from "./runs.gen.ts";
import { Value, ValueTools } from "./Value.tsx";

interface Props {
  run: RunRowFragment;
  index: number;
  /** Pixels below the list's beginning, and of its own. */
  top: number;
  height: number;
  isSelected: boolean;
  absence: Absence | undefined;
  /** Absent where the viewer may do nothing to any run. */
  onSelect: ((index: number, isRange: boolean) => void) | undefined;
}

/** One run of the list. */
export const Row = memo(
  function Row({ run, index, top, height, isSelected, absence, onSelect }: Props) {
    // What only somebody who is at the row can reach is drawn for them.
    const [isActive, setActive] = useState(false);
    const { agent, cluster, trigger } = run;
    const path = runPath(run.id);
    return (
      <tr
        aria-rowindex={index + 2}
        aria-selected={onSelect ? isSelected : undefined}
        className={css.row}
        data-index={index}
        data-absent={absence}
        style={{ height, transform: `translateY(${top}px)` }}
        onPointerEnter={() => setActive(true)}
        onPointerLeave={() => setActive(false)}
        onFocus={() => setActive(true)}
        onBlur={({ currentTarget, relatedTarget }) =>
          currentTarget.contains(relatedTarget) || setActive(false)
        }
      >
        {onSelect && <Check run={run} index={index} isSelected={isSelected} onSelect={onSelect} />}
        <td className={css.statusCell}>
          <Value dimension="status" value={run.status} isActive={isActive}>
            <Status status={run.status} />
          </Value>
        </td>
        <td className={`${css.agentCell} ${css.values}`}>
          <Link href={path} className={css.agent} title={agent.name} data-run={run.id}>
            <bdi>{agent.name}</bdi>
          </Link>
          {isActive && <ValueTools dimension="agent" value={agent.name} canInclude />}
        </td>
        <td className={`${css.wide} ${css.values}`}>
          <Value dimension="trigger" value={trigger.source} isActive={isActive}>
            {word(trigger.source)}
          </Value>
          <Value dimension="by" value={trigger.name} isActive={isActive}>
            <bdi className="quiet">{trigger.name}</bdi>
          </Value>
        </td>
        <td className={`${css.wide} ${css.values}`}>
          <Value dimension="cluster" value={cluster.name} isActive={isActive}>
            <bdi>{cluster.name}</bdi>
          </Value>
        </td>
        <td className={css.started}>
          <Link href={path} tabIndex={-1} className={css.over}>
            <Time at={run.startedAt} />
          </Link>
        </td>
        <td className={css.wide}>
          <Duration startedAt={run.startedAt} seconds={run.durationSeconds} />
        </td>
        <td className={css.details}>
          <Details run={run} absence={absence} path={path} />
          <span className={`${css.narrow} quiet`}>
            {word(trigger.source)} <bdi>{trigger.name}</bdi> · <bdi>{cluster.name}</bdi>
          </span>
        </td>
      </tr>
    );
  },
  (one, other) =>
    one.run.id === other.run.id &&
    one.run.revision === other.run.revision &&
    one.top === other.top &&
    one.height === other.height &&
    one.isSelected === other.isSelected &&
    one.absence === other.absence &&
    one.onSelect === other.onSelect,
);

function Check({
  run,
  index,
  isSelected,
  onSelect,
}: Pick<Props, "run" | "index" | "isSelected"> & { onSelect: NonNullable<Props["onSelect"]> }) {
  if (!run.viewerCanDelete && !run.viewerCanCancel) return <td className={css.checkCell} />;
  return (
    <td className={css.checkCell}>
      <label className={css.check}>
        <input
          type="checkbox"
          aria-label={`Select the run of ${run.agent.name}`}
          checked={isSelected}
          onChange={(event) => onSelect(index, (event.nativeEvent as MouseEvent).shiftKey)}
        />
      </label>
    </td>
  );
}
