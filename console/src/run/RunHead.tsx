import type { ReactNode } from "react";
import { Link } from "wouter";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Countdown } from "../parts/Countdown.tsx";
import { Duration } from "../parts/Duration.tsx";
import { Status } from "../parts/Status.tsx";
import { Time } from "../parts/Time.tsx";
import { word } from "../parts/words.ts";
import { type Dimension, runsAddress } from "../runs/filter.ts";
import type { RunHeadFragment } from "./head.gen.ts";
import { RunActions } from "./RunActions.tsx";
import css from "./RunHead.module.css";

/** Which run this is, how it is, and what can be done with it. */
export function RunHead({ run }: { run: RunHeadFragment }) {
  const { agent, cluster, status, labels } = run;
  return (
    <header className={css.head}>
      <div className={css.title}>
        <h1>
          <Link href={runsOf("agent", agent.name)} className={css.agent} title={`All runs of ${agent.name}`}>
            <bdi>{agent.name}</bdi>
          </Link>
        </h1>
        <span role="status" aria-label="Status" className={css.status}>
          <Status status={status} />
        </span>
        <RunActions run={run} />
      </div>
      <dl className={css.facts}>
        <Fact name="Trigger">
          <Trigger trigger={run.trigger} />
        </Fact>
        <Fact name="Cluster">
          <Link href={runsOf("cluster", cluster.name)}>
            <bdi>{cluster.name}</bdi>
          </Link>
        </Fact>
        <Fact name="Started">
          <Time at={run.startedAt} />
        </Fact>
        <Fact name="Completed">{run.completedAt ? <Time at={run.completedAt} /> : <Open />}</Fact>
        <Fact name="Duration">
          <Duration startedAt={run.startedAt} seconds={run.durationSeconds} />
        </Fact>
        <Fact name="Attempt">
          <Attempt run={run} />
        </Fact>
        <Fact name="Id">
          <code className={css.id}>{run.id}</code>
          <CopyButton text={run.id} what="the id" />
        </Fact>
      </dl>
      {labels.length > 0 && (
        <ul className={css.labels} aria-label="Labels">
          {labels.map(({ name, value }) => (
            <li key={`${name}=${value}`} className={css.label}>
              <Link href={runsOf("label", `${name}=${value}`)} title={`All runs with ${name}=${value}`}>
                <bdi>{name}</bdi>=<bdi>{value}</bdi>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </header>
  );
}

/** The list of the runs that have a value. */
function runsOf(dimension: Dimension, value: string): string {
  return runsAddress({ conditions: [{ dimension, value, isExcluded: false }] });
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Open() {
  return (
    <span className="quiet">
      <span aria-hidden>–</span>
      <span className="unseen">not yet</span>
    </span>
  );
}

function Trigger({ trigger }: { trigger: RunHeadFragment["trigger"] }) {
  const { source, name, url, externalId } = trigger;
  return (
    <>
      {word(source)}{" "}
      <Link href={runsOf("by", name)} title="All runs that it triggered">
        <bdi>{name}</bdi>
      </Link>
      {url && /^https?:/i.test(url) ? (
        <a href={url} rel="noreferrer" target="_blank" title={url}>
          {externalId ?? "open"} <span aria-hidden>↗</span>
          <span className="unseen"> (in a new tab)</span>
        </a>
      ) : (
        externalId && <span className="quiet">{externalId}</span>
      )}
    </>
  );
}

function Attempt({ run }: { run: RunHeadFragment }) {
  return (
    <>
      <span className="numbers">{run.attempts.length}</span>
      {run.nextAttemptAt && (
        <strong className={css.retry}>
          next <Countdown until={run.nextAttemptAt} due="any moment" />
        </strong>
      )}
    </>
  );
}
