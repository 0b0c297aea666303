import type { Fetcher } from "@graphiql/toolkit";
import { type FormEvent, useEffect, useState } from "react";
import { serviceUrl } from "../api/prefix.ts";
import { Button } from "../parts/Button.tsx";
import { word } from "../parts/words.ts";
import css from "./Explorer.module.css";

interface Props {
  fetcher: Fetcher;
  hasToken: boolean;
  /** Ask with another token from now on; with an empty one as the browser does. */
  onUse: (token: string) => void;
}

/** Who asks, and a place to show a token. */
export function TokenBar({ fetcher, hasToken, onUse }: Props) {
  const viewer = useViewer(fetcher);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get("token");
    onUse(String(token).trim());
    event.currentTarget.reset();
  }

  return (
    <header className={css.bar}>
      <a href={serviceUrl("/runs")}>Agent Runs</a>
      <span role="status">{viewer}</span>
      <form onSubmit={submit}>
        <label htmlFor="token">Token</label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        <Button type="submit">Use</Button>
        {hasToken && <Button onClick={() => onUse("")}>Forget</Button>}
      </form>
    </header>
  );
}

interface Answer {
  data?: { viewer: { name: string; role: string } } | null;
  errors?: { message: string }[];
}

function useViewer(fetcher: Fetcher): string {
  const [told, setTold] = useState("");
  useEffect(() => {
    let isCurrent = true;
    const asking = fetcher({ query: "{ viewer { name role } }" }) as Promise<Answer>;
    asking.then(
      (answer) => isCurrent && setTold(sentence(answer)),
      () => isCurrent && setTold("The service could not be reached."),
    );
    return () => {
      isCurrent = false;
    };
  }, [fetcher]);
  return told;
}

function sentence({ data, errors }: Answer): string {
  if (data) return `You are ${data.viewer.name} (${word(data.viewer.role)}).`;
  return errors?.[0]?.message ?? "";
}
