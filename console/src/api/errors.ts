import type { CombinedError } from "urql";

/** What to tell somebody of an error: the service's own sentence, or that it could not be reached. */
export function sentenceOf(error: CombinedError): string {
  const [first] = error.graphQLErrors;
  if (first) return first.message;
  return navigator.onLine
    ? "The service could not be reached."
    : "This browser is offline; the service could not be reached.";
}

/** The code of the first error, such as UNAUTHENTICATED; null where the service did not answer. */
export function codeOf(error: CombinedError): string | null {
  const code = error.graphQLErrors[0]?.extensions.code;
  return typeof code === "string" ? code : null;
}
