import { useQuery } from "urql";
import { Dialog } from "../parts/Dialog.tsx";
import { Failed, Loading } from "../parts/Panel.tsx";
import { NewLink } from "./NewLink.tsx";
import css from "./ShareDialog.module.css";
import { ShareRow } from "./ShareRow.tsx";
import { SharesDocument } from "./sharing.gen.ts";

interface Props {
  reportId: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Links that show a report without a login: a new one, and those that there are. */
export function ShareDialog({ reportId, isOpen, onClose }: Props) {
  return (
    <Dialog title="Share the report" isOpen={isOpen} onClose={onClose}>
      <p className="quiet">
        Whoever holds a link can read and download this report, without a login and nothing else of this
        service.
      </p>
      <NewLink reportId={reportId} />
      <Links reportId={reportId} />
    </Dialog>
  );
}

function Links({ reportId }: { reportId: string }) {
  const [{ data, error }] = useQuery({
    query: SharesDocument,
    variables: { report: reportId },
    requestPolicy: "cache-and-network",
  });
  if (error) return <Failed what="the links" error={error} />;
  if (!data) return <Loading what="the links" height="4rem" />;
  const shares = data.node?.__typename === "Report" ? data.node.shares : [];
  if (shares.length === 0) return <p className="quiet">There is no link to it yet.</p>;
  return (
    <section aria-label="Links">
      <ul className={css.links}>
        {shares.map((share) => (
          <ShareRow key={share.id} share={share} />
        ))}
      </ul>
    </section>
  );
}
