import { useState } from "react";
import { Button } from "../parts/Button.tsx";
import { CopyButton } from "../parts/CopyButton.tsx";
import { CancelDialog } from "./CancelDialog.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import type { RunHeadFragment } from "./head.gen.ts";
import css from "./RunActions.module.css";

/** What the viewer may do with the run; what would be refused is not there. */
export function RunActions({ run }: { run: RunHeadFragment }) {
  const [asked, setAsked] = useState<"cancel" | "delete" | null>(null);
  const close = () => setAsked(null);
  return (
    <div className={css.actions}>
      <CopyButton text={() => location.href} what="a link to this page" kind="path" />
      {run.viewerCanCancel && <Button onClick={() => setAsked("cancel")}>Cancel …</Button>}
      {run.viewerCanDelete && (
        <Button look="danger" onClick={() => setAsked("delete")}>
          Delete …
        </Button>
      )}
      <CancelDialog run={run} isOpen={asked === "cancel"} onClose={close} />
      <DeleteDialog run={run} isOpen={asked === "delete"} onClose={close} />
    </div>
  );
}
