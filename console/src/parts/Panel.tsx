// What stands where something is not there yet, is not at all, or could not be had.
import type { ReactNode } from "react";
import type { CombinedError } from "urql";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "./Button.tsx";
import css from "./Panel.module.css";

/** A quiet place of the size of what is to come, so that nothing jumps. */
export function Loading({ what, height = "8rem" }: { what: string; height?: string }) {
  return (
    <div className={css.loading} role="status" style={{ minHeight: height }}>
      <span>Loading {what} …</span>
    </div>
  );
}

/** Nothing is there, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.panel}>
      <p className={css.title}>{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}

/** It could not be had: why, and once more. */
export function Failed({
  what,
  error,
  onRetry,
}: {
  what: string;
  error: CombinedError;
  onRetry?: () => void;
}) {
  return (
    <div className={css.panel} role="alert">
      <p className={css.title}>Could not load {what}</p>
      <p className="quiet">{sentenceOf(error)}</p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
