// Places within the page of a run.

export function runPath(runId: string, tab?: string): string {
  return tab ? `/runs/${runId}/${tab}` : `/runs/${runId}`;
}

/** The Steps tab, with the details of a step. */
export function stepPath(runId: string, stepKey: string): string {
  return `${runPath(runId, "steps")}?step=${encodeURIComponent(stepKey)}`;
}

/** The Logs tab, with the lines of a step only. */
export function logsPath(runId: string, stepKey: string): string {
  return `${runPath(runId, "logs")}?step=${encodeURIComponent(stepKey)}`;
}
