import { useState } from "react";
import { type Client, useClient, useMutation, useQuery } from "urql";
import { refusalOf } from "../api/answers.ts";
import { sentenceOf } from "../api/errors.ts";
import type { RunFilter } from "../api/schema.gen.ts";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { instantText } from "../parts/instants.ts";
import { Failed, Loading } from "../parts/Panel.tsx";
import { tell } from "../parts/toasts.tsx";
import { counted } from "../parts/words.ts";
import { DeleteSelectionDocument, RestoreSelectionDocument, SelectionCountsDocument } from "./actions.gen.ts";
import css from "./dialogs.module.css";

interface Props {
  runs: RunFilter;
  onClose: () => void;
  /** They are gone. */
  onDone: () => void;
}

/** Asks once more before runs are deleted, and says exactly how many; another number is asked again. */
export default function DeleteDialog({ runs, onClose, onDone }: Props) {
  const client = useClient();
  const [withActive, setWithActive] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [{ fetching }, remove] = useMutation(DeleteSelectionDocument);
  const [{ data, error }, countAgain] = useQuery({
    query: SelectionCountsDocument,
    variables: { filter: runs },
    requestPolicy: "network-only",
  });

  async function confirm(expectedCount: number) {
    const answer = await remove({ input: { filter: runs, expectedCount, force: withActive } });
    const result = answer.data?.deleteRunsMatching;
    const [userError] = result?.userErrors ?? [];
    if (userError) {
      countAgain();
      return setRefusal(SENTENCES[userError.code] ?? userError.message);
    }
    if (!result) return setRefusal(answer.error ? sentenceOf(answer.error) : null);
    onDone();
    onClose();
    tellDeleted(client, result.deletedCount, result.deletion);
  }

  const stats = data?.runStats;
  const active = stats ? stats.total - stats.deletableCount : 0;
  const count = stats ? (withActive ? stats.total : stats.deletableCount) : 0;
  return (
    <Dialog title="Delete runs" isOpen onClose={onClose}>
      {error ? (
        <Failed what="how many there are" error={error} onRetry={countAgain} />
      ) : !stats ? (
        <Loading what="how many there are" height="5rem" />
      ) : (
        <div className={css.text}>
          <p>
            {count === 0 ? "Nothing" : <strong>{counted(count, "run")}</strong>} will be deleted, with logs,
            steps, reports and the links to them.
          </p>
          {active > 0 && (
            <label className={css.choice}>
              <input
                type="checkbox"
                checked={withActive}
                onChange={(event) => setWithActive(event.target.checked)}
              />
              {active === 1
                ? "Also the one that is still under way; otherwise it stays"
                : `Also the ${active.toLocaleString()} that are still under way; otherwise they stay`}
            </label>
          )}
        </div>
      )}
      {refusal && (
        <p className={css.refusal} role="alert">
          {refusal}
        </p>
      )}
      <div className={css.buttons}>
        <Button onClick={onClose}>Keep them</Button>
        <Button look="danger" disabled={count === 0 || fetching} onClick={() => confirm(count)}>
          Delete {counted(count, "run")}
        </Button>
      </div>
    </Dialog>
  );
}

const SENTENCES: Partial<Record<string, string>> = {
  COUNT_CHANGED: "Another number of runs matches by now, and nothing was deleted. Look again:",
};

function tellDeleted(
  client: Client,
  count: number,
  deletion: { id: string; restorableUntil: string | null } | null,
) {
  tell({
    title: `${counted(count, "run")} deleted`,
    ...(deletion?.restorableUntil && {
      detail: `Can be restored until ${instantText(deletion.restorableUntil)}`,
      action: { label: "Undo", run: () => restore(client, deletion.id) },
    }),
  });
}

async function restore(client: Client, deletionId: string) {
  const { data, error } = await client
    .mutation(RestoreSelectionDocument, { input: { deletionId } })
    .toPromise();
  const refusal = refusalOf(error, data?.restoreRuns);
  if (refusal) tell({ kind: "failed", title: "The runs were not restored", detail: refusal });
  else tell({ title: `${counted(data?.restoreRuns.restoredCount ?? 0, "run")} restored` });
}
