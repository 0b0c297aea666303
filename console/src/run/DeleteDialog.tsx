import { useState } from "react";
import { useClient, useMutation } from "urql";
import { useLocation } from "wouter";
import { refusalOf } from "../api/answers.ts";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { runPath } from "../parts/runPaths.ts";
import { tell } from "../parts/toasts.tsx";
import { DeleteRunDocument, RestoreRunDocument } from "./actions.gen.ts";
import type { RunHeadFragment } from "./head.gen.ts";
import css from "./RunActions.module.css";

interface Props {
  run: RunHeadFragment;
  isOpen: boolean;
  onClose: () => void;
}

/** Deletes the run, and goes back to the list, where it can be undone. */
export function DeleteDialog({ run, isOpen, onClose }: Props) {
  return (
    <Dialog title="Delete this run?" isOpen={isOpen} onClose={onClose}>
      <Asking run={run} onClose={onClose} />
    </Dialog>
  );
}

function Asking({ run, onClose }: Omit<Props, "isOpen">) {
  const [{ fetching }, deleteRun] = useMutation(DeleteRunDocument);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [, navigate] = useLocation();
  const undo = useUndo(run.id);
  const isActive = run.completedAt == null;

  async function confirm() {
    const { data, error } = await deleteRun({ input: { ids: [run.id], force: isActive } });
    const refusal = refusalOf(error, data?.deleteRuns);
    setRefusal(refusal);
    if (refusal) return;
    const deletion = data?.deleteRuns.deletion;
    navigate("/runs");
    tell({
      title: "The run was deleted",
      detail: run.agent.name,
      ...(deletion && { action: { label: "Undo", run: () => undo(deletion.id) } }),
    });
  }

  return (
    <>
      <p>
        Its log, its steps, its report and all links to it go along, for everybody and at once. It can be
        undone for a while.
      </p>
      {isActive && (
        <p>
          <strong>It is still active.</strong> Its agent is not stopped by this, and is told that there is no
          such run.
        </p>
      )}
      {refusal && (
        <p role="alert" className={css.refused}>
          {refusal}
        </p>
      )}
      <div className={css.buttons}>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" onClick={confirm} disabled={fetching}>
          {isActive ? "Delete the active run" : "Delete the run"}
        </Button>
      </div>
    </>
  );
}

/** Restores from a toast, when this dialog and its page are long gone. */
function useUndo(runId: string): (deletionId: string) => Promise<void> {
  const client = useClient();
  const [, navigate] = useLocation();
  return async (deletionId) => {
    const { data, error } = await client.mutation(RestoreRunDocument, { input: { deletionId } }).toPromise();
    const refusal = refusalOf(error, data?.restoreRuns);
    if (refusal) return tell({ title: "The run could not be restored", detail: refusal, kind: "failed" });
    tell({ title: "The run is restored", action: { label: "Open it", run: () => navigate(runPath(runId)) } });
  };
}
