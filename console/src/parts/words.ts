// The API's constants as people read them.
import type { RunStatus, StepStatus, TriggerSource } from "../api/schema.gen.ts";

/** `COMPLETED` as `Completed`. */
export function word(constant: RunStatus | StepStatus | TriggerSource | string): string {
  return constant.charAt(0) + constant.slice(1).toLowerCase().replaceAll("_", " ");
}

/** `1,234 runs`, `1 run`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
}
