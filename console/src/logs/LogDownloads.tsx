import { Download } from "lucide-react";
import { serviceUrl } from "../api/prefix.ts";
import { downloadQuery, filterOf, type LogAddress } from "./address.ts";
import css from "./LogStatus.module.css";

/** The log as a file: as it is shown, and the whole of it. */
export function LogDownloads({ runId, address }: { runId: string; address: LogAddress }) {
  const hrefOf = (shown: LogAddress | null) =>
    serviceUrl(`/runs/${encodeURIComponent(runId)}/logs.txt${downloadQuery(shown)}`);
  return (
    <span className={css.downloads}>
      <Download aria-hidden size={14} />
      {filterOf(address) && (
        <a href={hrefOf(address)} download>
          Download these lines
        </a>
      )}
      <a href={hrefOf(null)} download>
        Download all
      </a>
    </span>
  );
}
