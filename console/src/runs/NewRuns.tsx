import { ArrowUp } from "lucide-react";
import { Button } from "../parts/Button.tsx";
import { MAX_WAITING } from "./list.ts";
import css from "./rows.module.css";

/** Runs that came since: they are shown when somebody asks for them, so that no row moves under the pointer. */
export function NewRuns({ count, onShow }: { count: number; onShow: () => void }) {
  function show() {
    onShow();
    scrollTo({ top: 0 });
  }

  const text = count >= MAX_WAITING ? `More than ${MAX_WAITING.toLocaleString()}` : count.toLocaleString();
  return (
    <div className={css.new} role="status">
      {count > 0 && (
        <Button look="main" onClick={show}>
          <ArrowUp aria-hidden size={15} /> {text} new {count === 1 ? "run" : "runs"}
        </Button>
      )}
    </div>
  );
}
