import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  LoaderCircle,
  type LucideIcon,
  RotateCw,
  SkipForward,
} from "lucide-react";
import type { RunStatus, StepStatus } from "../api/schema.gen.ts";
import css from "./Status.module.css";
import { word } from "./words.ts";

const ICONS: Record<RunStatus | StepStatus, LucideIcon> = {
  RUNNING: LoaderCircle,
  RETRYING: RotateCw,
  COMPLETED: CircleCheck,
  FAILED: CircleX,
  CANCELLED: Ban,
  PENDING: CircleDashed,
  SKIPPED: SkipForward,
};

/** A status, told by a shape, a word and a colour: no one of them alone. */
export function Status({ status }: { status: RunStatus | StepStatus }) {
  const Icon = ICONS[status];
  return (
    <span className={css.status} data-status={status}>
      <Icon aria-hidden size={15} strokeWidth={2.25} />
      {word(status)}
    </span>
  );
}
