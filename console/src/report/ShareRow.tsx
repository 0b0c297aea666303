import { useMutation } from "urql";
import { refusalOf } from "../api/answers.ts";
import { Button } from "../parts/Button.tsx";
import { Time } from "../parts/Time.tsx";
import { tell } from "../parts/toasts.tsx";
import { word } from "../parts/words.ts";
import css from "./ShareDialog.module.css";
import { RevokeShareDocument, type ShareFragment } from "./sharing.gen.ts";

/** One link: whose, until when, whether it was used, and an end to it. */
export function ShareRow({ share }: { share: ShareFragment }) {
  const [{ fetching }, revoke] = useMutation(RevokeShareDocument);

  async function end() {
    const { data, error } = await revoke({ input: { shareId: share.id } });
    const refusal = refusalOf(error, data?.revokeReportShare);
    if (refusal) tell({ kind: "failed", title: "The link was not revoked", detail: refusal });
  }

  return (
    <li className={css.link} data-share={share.status}>
      <div>
        <p>
          <strong>{word(share.status)}</strong> · made by {share.createdBy}, <Time at={share.createdAt} />
        </p>
        <p className="quiet">
          {share.expiresAt ? (
            <>
              Ends <Time at={share.expiresAt} />
            </>
          ) : (
            "Does not end by itself"
          )}
          {" · "}
          {share.lastUsedAt ? (
            <>
              last used <Time at={share.lastUsedAt} />
            </>
          ) : (
            "never used"
          )}
        </p>
      </div>
      {share.status === "ACTIVE" && (
        <Button look="danger" disabled={fetching} onClick={end}>
          Revoke
        </Button>
      )}
    </li>
  );
}
