import { Printer, Share2 } from "lucide-react";
import { useState } from "react";
import { useQuery } from "urql";
import type { ReportFormat, RunStatus } from "../api/schema.gen.ts";
import { Button } from "../parts/Button.tsx";
import { Empty, Failed, Loading } from "../parts/Panel.tsx";
import css from "./ReportTab.module.css";
import { ReportDocument, type ReportQuery } from "./report.gen.ts";
import { ShareDialog } from "./ShareDialog.tsx";

interface Props {
  runId: string;
  /** A report is there exactly where it is COMPLETED. */
  status: RunStatus;
}

const NO_REPORT: Record<Exclude<RunStatus, "COMPLETED">, string> = {
  RUNNING: "The report comes with the run's completion",
  RETRYING: "The report comes with the run's completion",
  FAILED: "A failed run has no report",
  CANCELLED: "A cancelled run has no report",
};

/** What a completed run has to say: to read, to share, to download, to print. */
export default function ReportTab({ runId, status }: Props) {
  if (status !== "COMPLETED") return <Empty title={NO_REPORT[status]} />;
  return <Completed runId={runId} />;
}

function Completed({ runId }: { runId: string }) {
  const [{ data, error, fetching }, ask] = useQuery({ query: ReportDocument, variables: { run: runId } });
  if (error)
    return <Failed what="the report" error={error} onRetry={() => ask({ requestPolicy: "network-only" })} />;
  if (data?.run?.report) return <Shown report={data.run.report} canShare={data.run.viewerCanShare} />;
  if (fetching) return <Loading what="the report" height="24rem" />;
  return <Empty title="The report is gone">The run was deleted meanwhile.</Empty>;
}

type Report = NonNullable<NonNullable<ReportQuery["run"]>["report"]>;

const FORMATS: Record<ReportFormat, string> = { MARKDOWN: "Markdown", HTML: "HTML", JSON: "JSON" };

function Shown({ report, canShare }: { report: Report; canShare: boolean }) {
  const [isSharing, setSharing] = useState(false);
  return (
    <>
      <div className={css.tools} role="toolbar" aria-label="Report">
        {canShare && (
          <Button onClick={() => setSharing(true)}>
            <Share2 aria-hidden size={15} /> Share
          </Button>
        )}
        <Button onClick={() => print()}>
          <Printer aria-hidden size={15} /> Print
        </Button>
        <span className={css.downloads}>
          <span className="quiet">Download</span>
          {report.downloads.map(({ format, url }) => (
            <a key={format} href={url} download>
              {FORMATS[format]}
            </a>
          ))}
        </span>
      </div>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: cut down by the service to a few harmless tags; the
          page's policy runs no script but its own files. */}
      <article className={css.report} dangerouslySetInnerHTML={{ __html: report.html }} />
      {canShare && <ShareDialog reportId={report.id} isOpen={isSharing} onClose={() => setSharing(false)} />}
    </>
  );
}
