import { Countdown } from "../parts/Countdown.tsx";
import { Duration } from "../parts/Duration.tsx";
import { plainText } from "../parts/plainText.ts";
import { Time } from "../parts/Time.tsx";
import css from "./AttemptsTab.module.css";
import type { RunHeadFragment } from "./head.gen.ts";

/** How often the cluster was tried, and why again. */
export function AttemptsTab({ run }: { run: RunHeadFragment }) {
  const { attempts, nextAttemptAt, completedAt } = run;
  if (attempts.length === 1 && !nextAttemptAt) {
    return (
      <p className={css.only}>
        One attempt{completedAt == null && " so far"}: nothing had to be tried again.
      </p>
    );
  }
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th scope="col">Attempt</th>
          <th scope="col">Started</th>
          <th scope="col" className={css.ended}>
            Ended
          </th>
          <th scope="col">Duration</th>
        </tr>
      </thead>
      {attempts.map((attempt) => (
        <Attempt key={attempt.number} {...attempt} />
      ))}
      {nextAttemptAt && (
        <tbody>
          <tr>
            <th scope="row" className="numbers">
              {attempts.length + 1}
            </th>
            <td colSpan={3} className={css.next}>
              begins <Countdown until={nextAttemptAt} due="any moment" /> (<Time at={nextAttemptAt} />)
            </td>
          </tr>
        </tbody>
      )}
    </table>
  );
}

/** With a row of its own for why it failed, which may be long. */
function Attempt({ number, startedAt, endedAt, failure }: RunHeadFragment["attempts"][number]) {
  return (
    <tbody>
      <tr>
        <th scope="row" className="numbers">
          {number}
        </th>
        <td>
          <Time at={startedAt} />
        </td>
        <td className={css.ended}>
          {endedAt ? <Time at={endedAt} /> : <span className="quiet">at work</span>}
        </td>
        <td>
          <Duration startedAt={startedAt} seconds={endedAt ? seconds(startedAt, endedAt) : null} />
        </td>
      </tr>
      {failure && (
        <tr>
          <td />
          <td colSpan={3} className={css.failure}>
            {plainText(failure)}
          </td>
        </tr>
      )}
    </tbody>
  );
}

function seconds(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / 1_000;
}
