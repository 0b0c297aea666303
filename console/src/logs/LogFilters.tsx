import type { ReactNode } from "react";
import { word } from "../parts/words.ts";
import { LEVELS, type LogAddress, STREAMS } from "./address.ts";
import css from "./LogToolbar.module.css";

interface Props {
  address: LogAddress;
  steps: readonly { key: string; name: string }[];
  attempts: number;
  change: (change: Partial<LogAddress>) => void;
}

/** Which lines are shown; what a run has only one of is not asked. */
export function LogFilters({ address, steps, attempts, change }: Props) {
  const { level, stream, step, attempt } = address;
  const numbers = Array.from({ length: attempts }, (_, index) => index + 1);
  return (
    <>
      <Select
        label="Level"
        value={level ?? ""}
        choose={(value) => change({ level: LEVELS.find((each) => each === value) ?? null })}
      >
        <option value="">All levels</option>
        {LEVELS.filter((each) => each !== "DEBUG").map((each) => (
          <option key={each} value={each}>
            {each === "ERROR" ? "Error" : `${word(each)} and above`}
          </option>
        ))}
      </Select>
      <Select
        label="Stream"
        value={stream ?? ""}
        choose={(value) => change({ stream: STREAMS.find((each) => each === value) ?? null })}
      >
        <option value="">All streams</option>
        {STREAMS.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
      {(steps.length > 0 || step !== null) && (
        <Select
          label="Step"
          value={step ?? NO_STEP}
          choose={(value) => change({ step: value === NO_STEP ? null : value })}
        >
          <option value={NO_STEP}>All steps</option>
          {step !== null && !steps.some(({ key }) => key === step) && <option value={step}>{step}</option>}
          {steps.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </Select>
      )}
      {(attempts > 1 || attempt) && (
        <Select
          label="Attempt"
          value={String(attempt ?? "")}
          choose={(value) => change({ attempt: Number(value) || null })}
        >
          <option value="">All attempts</option>
          {numbers.map((number) => (
            <option key={number} value={number}>{`Attempt ${number}`}</option>
          ))}
        </Select>
      )}
    </>
  );
}

/** No key of a step: those are not empty. */
const NO_STEP = "";

interface SelectProps {
  label: string;
  value: string;
  choose: (value: string) => void;
  children: ReactNode;
}

function Select({ label, value, choose, children }: SelectProps) {
  return (
    <select
      className={css.select}
      aria-label={label}
      data-chosen={value !== "" || undefined}
      value={value}
      onChange={(event) => choose(event.target.value)}
    >
      {children}
    </select>
  );
}
