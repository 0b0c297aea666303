import { useState } from "react";
import { type CombinedError, useClient } from "urql";
import { sentenceOf } from "../api/errors.ts";
import type { RunFilter } from "../api/schema.gen.ts";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { tell } from "../parts/toasts.tsx";
import { counted } from "../parts/words.ts";
import css from "./dialogs.module.css";
import { cancelAll } from "./selected.ts";

interface Props {
  runs: RunFilter;
  /** How many of them are under way. */
  active: number;
  onClose: () => void;
  /** They were asked. */
  onDone: () => void;
}

/** Asks once more before runs are asked to stop, and shows how far it is. */
export default function CancelDialog({ runs, active, onClose, onDone }: Props) {
  const client = useClient();
  const [asked, setAsked] = useState<number | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);

  async function confirm() {
    setError(null);
    setAsked(0);
    try {
      const result = await cancelAll(client, runs, setAsked);
      onDone();
      onClose();
      const [refusal] = result.refusals;
      tell({ title: `${counted(result.asked, "run")} asked to stop`, ...(refusal && { detail: refusal }) });
    } catch (cause) {
      setError(cause as CombinedError);
      setAsked(null);
    }
  }

  return (
    <Dialog title="Cancel runs" isOpen onClose={onClose}>
      <p>
        <strong>{counted(active, "run")}</strong> will be asked to stop. A run ends once its agent has heard
        of it.
      </p>
      {asked !== null && (
        <div className={css.progress}>
          <progress aria-label="Runs that were asked" max={active} value={asked} />
          <span className="numbers">
            {asked.toLocaleString()} of {active.toLocaleString()}
          </span>
        </div>
      )}
      {error && (
        <p className={css.refusal} role="alert">
          {sentenceOf(error)}
        </p>
      )}
      <div className={css.buttons}>
        <Button onClick={onClose}>Let them run</Button>
        <Button look="danger" disabled={asked !== null} onClick={confirm}>
          Cancel {counted(active, "run")}
        </Button>
      </div>
    </Dialog>
  );
}
