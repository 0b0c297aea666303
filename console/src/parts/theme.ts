// Light or dark, as the system has it unless somebody chose. theme.css does the rest.
import { stored } from "./stored.ts";

export type Theme = "system" | "light" | "dark";

const choice = stored<Theme>("theme", "system", (value) => value === "light" || value === "dark");

export function chosenTheme(): Theme {
  return choice.read();
}

export function chooseTheme(theme: Theme): void {
  choice.write(theme);
  applyTheme();
}

/** Before anything is drawn. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = choice.read();
}
