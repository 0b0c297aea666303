import { type FormEvent, useId, useState } from "react";
import { useMutation } from "urql";
import { refusalOf } from "../api/answers.ts";
import { Button } from "../parts/Button.tsx";
import { CopyButton } from "../parts/CopyButton.tsx";
import { Time } from "../parts/Time.tsx";
import { LIFETIMES, type Lifetime, shareInput } from "./lifetimes.ts";
import css from "./ShareDialog.module.css";
import { ShareReportDocument } from "./sharing.gen.ts";

/** Makes a link, and shows it this once: the service keeps only its hash. */
export function NewLink({ reportId }: { reportId: string }) {
  const id = useId();
  const [lifetime, setLifetime] = useState<Lifetime>("30 days");
  const [{ data, error, fetching }, share] = useMutation(ShareReportDocument);

  function submit(event: FormEvent) {
    event.preventDefault();
    share({ input: shareInput(reportId, lifetime, Date.now()) });
  }

  const made = data?.shareReport;
  const refusal = refusalOf(error, made);
  return (
    <>
      <form className={css.form} onSubmit={submit}>
        <label htmlFor={id}>Ends after</label>
        <select id={id} value={lifetime} onChange={(event) => setLifetime(event.target.value as Lifetime)}>
          {LIFETIMES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <Button type="submit" look="main" disabled={fetching}>
          Make a link
        </Button>
      </form>
      <div aria-live="polite">
        {refusal && <p className={css.refusal}>{refusal}</p>}
        {made?.url && (
          <div className={css.made}>
            <p>
              Copy it now: it is not shown again.{" "}
              {made.share?.expiresAt ? (
                <>
                  It ends <Time at={made.share.expiresAt} />.
                </>
              ) : (
                "It does not end by itself."
              )}
            </p>
            <div className={css.url}>
              <input readOnly aria-label="Link" value={made.url} onFocus={(event) => event.target.select()} />
              <CopyButton text={made.url} what="the link" />
            </div>
          </div>
        )}
      </div>
    </>
  );
}
