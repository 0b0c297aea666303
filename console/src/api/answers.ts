import type { CombinedError } from "urql";
import { sentenceOf } from "./errors.ts";

interface Answer {
  userErrors: readonly { message: string }[];
}

/** Why a mutation did nothing, in a sentence; null where it did what it was to do. */
export function refusalOf(error: CombinedError | undefined, answer: Answer | undefined): string | null {
  if (error) return sentenceOf(error);
  return answer?.userErrors[0]?.message ?? null;
}
