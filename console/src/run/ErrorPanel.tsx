import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../parts/Button.tsx";
import { CopyButton } from "../parts/CopyButton.tsx";
import { plainText } from "../parts/plainText.ts";
import { logsPath, stepPath } from "../parts/runPaths.ts";
import { counted, word } from "../parts/words.ts";
import css from "./ErrorPanel.module.css";
import type { RunHeadFragment } from "./head.gen.ts";

type RunError = NonNullable<RunHeadFragment["error"]>;

/** Lines of a message that are shown before somebody wants all. */
const FOLDED_LINES = 8;
const FOLDED_LENGTH = 600;

/** Why it failed, and where: with the ways to the step and to its lines. */
export function ErrorPanel({ runId, error }: { runId: string; error: RunError }) {
  const { code, message, details, step } = error;
  return (
    <section className={css.panel} aria-label="Error">
      <header className={css.header}>
        <h2>{word(code)}</h2>
        {step && (
          <p>
            in step{" "}
            <Link href={stepPath(runId, step.key)}>
              <bdi>{step.name}</bdi>
            </Link>{" "}
            · <Link href={logsPath(runId, step.key)}>its log lines</Link>
          </p>
        )}
        <span className={css.copy}>
          <CopyButton
            text={() => plainText(details ? `${message}\n\n${details}` : message)}
            what="the error"
          />
        </span>
      </header>
      <Message text={plainText(message)} />
      {details && (
        <details>
          <summary>Details</summary>
          <pre className={css.details}>{plainText(details)}</pre>
        </details>
      )}
    </section>
  );
}

function Message({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const lines = text.split("\n");
  const folded = lines.slice(0, FOLDED_LINES).join("\n").slice(0, FOLDED_LENGTH);
  if (folded.length === text.length) return <pre className={css.message}>{text}</pre>;
  const size =
    lines.length > FOLDED_LINES ? counted(lines.length, "line") : counted(text.length, "character");
  return (
    <>
      <pre className={css.message}>{isWhole ? text : `${folded}…`}</pre>
      <Button look="plain" onClick={() => setWhole(!isWhole)} aria-expanded={isWhole} className={css.more}>
        {isWhole ? "Less" : `All of it: ${size}`}
      </Button>
    </>
  );
}
