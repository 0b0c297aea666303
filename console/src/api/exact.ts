import { withTexts } from "./json.ts";

/** The fields of the scalar JSON; a test holds them against the schema. */
export const JSON_FIELDS: ReadonlySet<string> = new Set(["inputs", "output"]);

/** Whether an answer may have such a field. In a string its quotes would be escaped. */
const HAS_ONE = new RegExp(`"(${[...JSON_FIELDS].join("|")})"\\s*:`);

/**
 * As `fetch`, but values of the scalar JSON come as strings of their text, for `JsonValue` to read. What comes over the
 * socket does not pass here: no subscription asks for such a value.
 */
export const exactFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(HAS_ONE.test(text) ? withTexts(text, JSON_FIELDS) : text, {
    status,
    statusText,
    headers,
  });
};
