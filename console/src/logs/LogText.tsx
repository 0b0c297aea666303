import { type CSSProperties, memo } from "react";
import type { Span } from "./ansi.ts";
import css from "./LogText.module.css";

/** A message with the terminal's colours. Where it is not wrapped its line feeds are seen instead. */
export const LogText = memo(function LogText({ spans }: { spans: readonly Span[] }) {
  // biome-ignore-start lint/suspicious/noArrayIndexKey: the parts of a text have only their order
  return spans.map((span, index) => {
    const { text, fg, bg, ownFg, ownBg, look, isMatch } = span;
    if (!fg && !bg && !look && !isMatch) return <Text key={index} text={text} />;
    const Tag = isMatch ? "mark" : "span";
    const style = { "--own-fg": ownFg, "--own-bg": ownBg } as CSSProperties;
    return (
      <Tag key={index} className={css.span} data-fg={fg} data-bg={bg} data-look={look} style={style}>
        <Text text={text} />
      </Tag>
    );
  });
  // biome-ignore-end lint/suspicious/noArrayIndexKey: up to here
});

/** Each line feed in an element, to be shown as a sign or as a new row (LogText.module.css). */
function Text({ text }: { text: string }) {
  if (!text.includes("\n")) return text;
  return text.split("\n").map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have only their order
    <span key={index}>
      {index > 0 && <span className={css.feed}>{"\n"}</span>}
      {part}
    </span>
  ));
}
