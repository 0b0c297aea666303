import { type FormEvent, useState } from "react";
import { useMutation } from "urql";
import { refusalOf } from "../api/answers.ts";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { tell } from "../parts/toasts.tsx";
import { CancelRunDocument } from "./actions.gen.ts";
import type { RunHeadFragment } from "./head.gen.ts";
import css from "./RunActions.module.css";

interface Props {
  run: RunHeadFragment;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks the run to stop, with a reason that whoever looks at it reads. */
export function CancelDialog({ run, isOpen, onClose }: Props) {
  return (
    <Dialog title="Cancel this run?" isOpen={isOpen} onClose={onClose}>
      <Asking run={run} onClose={onClose} />
    </Dialog>
  );
}

function Asking({ run, onClose }: Omit<Props, "isOpen">) {
  const [{ fetching }, cancel] = useMutation(CancelRunDocument);
  const [reason, setReason] = useState("");
  const [refusal, setRefusal] = useState<string | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data, error } = await cancel({ input: { ids: [run.id], reason: reason.trim() || null } });
    const refusal = refusalOf(error, data?.cancelRuns);
    setRefusal(refusal);
    if (refusal) return;
    onClose();
    tell({ title: "The run was asked to stop" });
  }

  return (
    <form className={css.form} onSubmit={submit}>
      <p>
        {run.status === "RETRYING"
          ? "Nothing of it is running now: it ends at once."
          : "Its agent is asked to stop, sends its last lines and confirms; without an answer the run is ended after a while."}
      </p>
      <label className={css.field}>
        Reason (optional)
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1_000} />
      </label>
      {refusal && (
        <p role="alert" className={css.refused}>
          {refusal}
        </p>
      )}
      <div className={css.buttons}>
        <Button onClick={onClose}>Keep it running</Button>
        <Button type="submit" look="main" disabled={fetching}>
          Cancel the run
        </Button>
      </div>
    </form>
  );
}
