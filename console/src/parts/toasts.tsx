// Short words of what was done, in a corner, with how to undo it. Spoken too.
import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import css from "./toasts.module.css";

/** Milliseconds; long enough to read one and to reach its button. */
const SHOWN_MS = 10_000;

const manager = Toast.createToastManager();

interface Told {
  title: string;
  detail?: string;
  kind?: "done" | "failed";
  action?: { label: string; run: () => void };
}

/** Show one, from anywhere. */
export function tell({ title, detail, kind = "done", action }: Told): void {
  const id: string = manager.add({
    title,
    description: detail,
    type: kind,
    timeout: SHOWN_MS,
    priority: kind === "failed" ? "high" : "low",
    actionProps: action && {
      children: action.label,
      onClick() {
        manager.close(id);
        action.run();
      },
    },
  });
}

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={css.viewport}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={css.toast}>
      <div>
        <Toast.Title className={css.title} />
        <Toast.Description className="quiet" />
      </div>
      {toast.actionProps && <Toast.Action render={<Button />} />}
      <Toast.Close render={<Button look="plain" />} aria-label="Close">
        <X aria-hidden size={15} />
      </Toast.Close>
    </Toast.Root>
  ));
}
