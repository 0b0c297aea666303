import { Pencil, Trash2 } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Link } from "wouter";
import { Button } from "../parts/Button.tsx";
import css from "./menus.module.css";
import {
  BUILT_IN,
  MAX_NAME,
  renamed,
  savedViews,
  saveViews,
  type View,
  withoutView,
  withView,
} from "./views.ts";

interface Props {
  /** The list's, as it is now. */
  query: string;
  onClose: () => void;
}

/** Lists to go to, and this one to come back to. */
export default function ViewsMenu({ query, onClose }: Props) {
  const [views, setViews] = useState(savedViews);

  function change(next: readonly View[]) {
    saveViews(next);
    setViews(next);
  }

  return (
    <div className={css.menu}>
      <ul className={css.items} aria-label="Built-in views">
        {BUILT_IN.map((view) => (
          <li key={view.name}>
            <ViewLink view={view} query={query} onClose={onClose} />
          </li>
        ))}
      </ul>
      {views.length > 0 && (
        <ul className={css.items} aria-label="Saved views">
          {views.map((view) => (
            <Saved key={view.name} {...{ view, query, onClose }} onChange={change} />
          ))}
        </ul>
      )}
      <NameForm
        label="Save this list as"
        button="Save"
        onName={(name) => change(withView(views, { name, query }))}
      />
    </div>
  );
}

function ViewLink({ view, query, onClose }: Props & { view: View }) {
  const href = view.query ? `/runs?${view.query}` : "/runs";
  return (
    <Link
      href={href}
      title={view.name}
      aria-current={view.query === query ? "true" : undefined}
      onClick={onClose}
    >
      {view.name}
    </Link>
  );
}

function Saved({
  view,
  query,
  onClose,
  onChange,
}: Props & { view: View; onChange: (views: readonly View[]) => void }) {
  const [isNaming, setNaming] = useState(false);
  if (isNaming) {
    return (
      <li>
        <NameForm
          label="Its new name"
          button="Rename"
          name={view.name}
          onName={(name) => onChange(renamed(savedViews(), view.name, name))}
        />
      </li>
    );
  }
  return (
    <li>
      <ViewLink view={view} query={query} onClose={onClose} />
      <Button look="plain" aria-label={`Rename ${view.name}`} title="Rename" onClick={() => setNaming(true)}>
        <Pencil aria-hidden size={14} />
      </Button>
      <Button
        look="plain"
        aria-label={`Delete the view ${view.name}`}
        title="Delete"
        onClick={() => onChange(withoutView(savedViews(), view.name))}
      >
        <Trash2 aria-hidden size={14} />
      </Button>
    </li>
  );
}

interface NameProps {
  label: string;
  button: string;
  name?: string;
  onName: (name: string) => void;
}

function NameForm({ label, button, name = "", onName }: NameProps) {
  const id = useId();
  const [typed, setTyped] = useState(name);

  function submit(event: FormEvent) {
    event.preventDefault();
    onName(typed.trim());
    setTyped("");
  }

  return (
    <form className={css.form} onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <input id={id} value={typed} maxLength={MAX_NAME} onChange={(event) => setTyped(event.target.value)} />
      <Button type="submit" disabled={!typed.trim()}>
        {button}
      </Button>
    </form>
  );
}
