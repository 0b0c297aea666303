import { useState } from "react";
import { useQuery } from "urql";
import { JsonTree } from "../parts/JsonTree.tsx";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import { stored } from "../parts/stored.ts";
import { RunInputsDocument } from "./apart.gen.ts";
import css from "./Inputs.module.css";

const remembered = stored("inputs-open", false, (value) => typeof value === "boolean");

/** What the agent was given at launch: read once it is opened, which this browser remembers. */
export function Inputs({ runId }: { runId: string }) {
  const [isOpen, setOpen] = useState(remembered.read);

  function toggle(isOpen: boolean) {
    remembered.write(isOpen);
    setOpen(isOpen);
  }

  return (
    <details className={css.inputs} open={isOpen} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>Inputs</summary>
      {isOpen && <Tree runId={runId} />}
    </details>
  );
}

function Tree({ runId }: { runId: string }) {
  const [{ data, error }, again] = useQuery({ query: RunInputsDocument, variables: { id: runId } });
  if (error) return <Failed what="the inputs" error={error} onRetry={again} />;
  if (!data) return <Loading what="the inputs" height="4rem" />;
  const inputs = data.run?.inputs;
  if (inputs === undefined || inputs === "{}") return <Empty title="It was given none" />;
  return <JsonTree text={inputs} label="inputs" />;
}
