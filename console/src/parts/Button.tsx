import type { ComponentProps } from "react";
import css from "./Button.module.css";

interface Props extends ComponentProps<"button"> {
  /** `main`: what a dialog is for; `danger`: what destroys; `plain`: an icon or a word among others. */
  look?: "normal" | "main" | "danger" | "plain";
}

export function Button({ look = "normal", className = "", type = "button", ...rest }: Props) {
  return <button type={type} className={`${css.button} ${className}`} data-look={look} {...rest} />;
}
