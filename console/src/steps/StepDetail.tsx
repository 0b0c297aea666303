import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { Button } from "../parts/Button.tsx";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Duration } from "../parts/Duration.tsx";
import { JsonTree } from "../parts/JsonTree.tsx";
import { Failed, Loading } from "../parts/Panel.tsx";
import { plainText } from "../parts/plainText.ts";
import { logsPath } from "../parts/runPaths.ts";
import { Status } from "../parts/Status.tsx";
import { useShortcut } from "../parts/shortcuts.tsx";
import { Time } from "../parts/Time.tsx";
import css from "./StepDetail.module.css";
import { StepLines } from "./StepLines.tsx";
import { StepOutputDocument } from "./steps.gen.ts";
import type { StepStory } from "./story.ts";

interface Props {
  runId: string;
  told: StepStory;
  onClose: () => void;
}

/** One step: how it is, what it gave back and what it said. */
export function StepDetail({ runId, told, onClose }: Props) {
  const { step, spans } = told;
  useShortcut(["Escape"], "Close the step", onClose);
  return (
    <section className={css.detail} aria-label={`Step ${step.name}`}>
      <header className={css.header}>
        <h2>
          <bdi>{step.name}</bdi>
        </h2>
        <Button look="plain" onClick={onClose} aria-label="Close the step" title="Close">
          <X aria-hidden size={16} />
        </Button>
      </header>
      <dl className={css.facts}>
        <Fact name="Status">
          <Status status={step.status} />
        </Fact>
        {step.startedAt && (
          <>
            <Fact name="Started">
              <Time at={step.startedAt} />
            </Fact>
            <Fact name="Duration">
              <Duration
                startedAt={step.startedAt}
                seconds={step.completedAt ? (step.durationSeconds ?? 0) : null}
              />
            </Fact>
          </>
        )}
        {step.completedAt && (
          <Fact name="Completed">
            <Time at={step.completedAt} />
          </Fact>
        )}
        <Fact name="Attempt">
          {step.attempt}
          {spans.length > 1 && <span className="quiet"> ({spans.length} tries)</span>}
        </Fact>
        <Fact name="Key">
          <code>{step.key}</code>
          <CopyButton text={step.key} what="the key" />
        </Fact>
      </dl>
      {step.errorMessage && (
        <Part title="Error">
          <pre className={css.error}>{plainText(step.errorMessage)}</pre>
        </Part>
      )}
      {step.completedAt && <Output key={step.completedAt} stepId={step.id} />}
      <Part title="Last log lines" aside={<Link href={logsPath(runId, step.key)}>All its lines</Link>}>
        <StepLines runId={runId} stepId={step.id} stepKey={step.key} />
      </Part>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <div className={css.part}>
      <header>
        <h3>{title}</h3>
        {aside}
      </header>
      {children}
    </div>
  );
}

/** What it gave back. */
function Output({ stepId }: { stepId: string }) {
  const [{ data, error }, again] = useQuery({
    query: StepOutputDocument,
    variables: { id: stepId },
    requestPolicy: "cache-and-network",
  });
  if (error) return <Failed what="the output" error={error} onRetry={again} />;
  if (!data) return <Loading what="the output" height="4rem" />;
  const output = data.node && "output" in data.node ? data.node.output : null;
  if (output === null) return null;
  return (
    <Part title="Output">
      <JsonTree text={output} label="output" />
    </Part>
  );
}
