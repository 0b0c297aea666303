import { Link } from "wouter";
import { Failed, Loading } from "../parts/Panel.tsx";
import { plainText } from "../parts/plainText.ts";
import { logsPath } from "../parts/runPaths.ts";
import css from "./StepLines.module.css";
import { useLastLines } from "./useLastLines.ts";

interface Props {
  runId: string;
  stepId: string;
  stepKey: string;
}

/** The last lines that a step said, each with a link to its place in the log. */
export function StepLines({ runId, stepId, stepKey }: Props) {
  const { lines, error } = useLastLines(runId, stepId, stepKey);
  if (error) return <Failed what="its lines" error={error} />;
  if (lines === null) return <Loading what="its lines" height="6rem" />;
  if (lines.length === 0) return <p className="quiet">It has said nothing.</p>;
  return (
    <div className={css.box}>
      <ol className={css.lines}>
        {lines.map(({ sequence, level, message }) => (
          <li key={sequence} data-level={level}>
            <Link
              href={`${logsPath(runId, stepKey)}#L${sequence}`}
              aria-label={`Line ${sequence} in the log`}
            >
              {sequence}
            </Link>
            <span>{plainText(message)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
