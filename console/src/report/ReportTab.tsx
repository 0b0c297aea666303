import type { RunStatus } from "../api/schema.gen.ts";

export default function ReportTab({ runId, status }: { runId: string; status: RunStatus }) {
  return (
    <p>
      {runId} {status}
    </p>
  );
}
