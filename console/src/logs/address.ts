// What of a log is shown, as the page's address has it: `?level=WARNING&stream=STDERR&q=text#L120-L130`.
import type { LogFilter, LogLevel, LogStream } from "../api/schema.gen.ts";

export const LEVELS: readonly LogLevel[] = ["DEBUG", "INFO", "WARNING", "ERROR"];
export const STREAMS: readonly LogStream[] = ["STDOUT", "STDERR", "SYSTEM"];
/** Characters; the service takes no more. */
export const MAX_TEXT = 1_000;
/** The service's numbers have 32 bits; the one behind the last is asked for, too. */
const MAX_NUMBER = 2 ** 31 - 2;

export interface LogAddress {
  level: LogLevel | null;
  stream: LogStream | null;
  step: string | null;
  attempt: number | null;
  /** What is searched for; empty for nothing. */
  text: string;
  /** Whether only the lines that hold it are shown, or all, with it marked. */
  isOnlyMatches: boolean;
  isWrapped: boolean;
}

/** Of a query string. What it does not know, it passes over. */
export function readAddress(search: string): LogAddress {
  const query = new URLSearchParams(search);
  const attempt = Number(query.get("attempt"));
  return {
    level: LEVELS.find((level) => level === query.get("level")) ?? null,
    stream: STREAMS.find((stream) => stream === query.get("stream")) ?? null,
    step: query.get("step"),
    attempt: Number.isInteger(attempt) && attempt > 0 && attempt <= MAX_NUMBER ? attempt : null,
    text: (query.get("q") ?? "").slice(0, MAX_TEXT),
    isOnlyMatches: query.get("only") !== "0",
    isWrapped: query.get("wrap") !== "0",
  };
}

/** The query string with its `?`; empty where all is as by default. */
export function writeAddress(address: LogAddress): string {
  const query = new URLSearchParams();
  if (address.level) query.set("level", address.level);
  if (address.stream) query.set("stream", address.stream);
  if (address.step !== null) query.set("step", address.step);
  if (address.attempt) query.set("attempt", String(address.attempt));
  if (address.text) query.set("q", address.text);
  if (address.text && !address.isOnlyMatches) query.set("only", "0");
  if (!address.isWrapped) query.set("wrap", "0");
  return query.size > 0 ? `?${query}` : "";
}

export const UNFILTERED = { level: null, stream: null, step: null, attempt: null, text: "" } as const;

/** Which lines are shown; null for all. */
export function filterOf(address: LogAddress): LogFilter | null {
  return nullIfEmpty({
    ...linesOf(address),
    ...(address.text && address.isOnlyMatches && { contains: address.text }),
  });
}

/** Which lines hold what is searched for, of those that are shown. */
export function matchesOf(address: LogAddress): LogFilter {
  return { ...linesOf(address), contains: address.text };
}

function linesOf({ level, stream, step, attempt }: LogAddress): LogFilter {
  return {
    ...(level && { minLevel: level }),
    ...(stream && { streams: [stream] }),
    ...(step !== null && { stepKeys: [step] }),
    ...(attempt && { attempts: [attempt] }),
  };
}

function nullIfEmpty(filter: LogFilter): LogFilter | null {
  return Object.keys(filter).length > 0 ? filter : null;
}

/** The query of `logs.txt` for the lines that are shown. */
export function downloadQuery(address: LogAddress | null): string {
  const query = new URLSearchParams({ download: "1" });
  if (address?.level) query.set("level", address.level);
  if (address?.stream) query.set("stream", address.stream);
  if (address && address.step !== null) query.set("step", address.step);
  if (address?.attempt) query.set("attempt", String(address.attempt));
  if (address?.text && address.isOnlyMatches) query.set("contains", address.text);
  return `?${query}`;
}

/** The lines that are shown, to go behind "No line" and "Lines": `at warning or above, on STDERR`. */
export function described(address: LogAddress, stepName: (key: string) => string): string {
  const { level, stream, step, attempt, text, isOnlyMatches } = address;
  const parts = [
    level && (level === "ERROR" ? "at error" : `at ${level.toLowerCase()} or above`),
    stream && `on ${stream}`,
    step !== null && `of step “${stepName(step)}”`,
    attempt && `of attempt ${attempt}`,
    text && isOnlyMatches && `with “${text}”`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Lines that are pointed at, both included. */
export interface Range {
  first: number;
  last: number;
}

/** Of `#L123` or `#L120-L130`; null for anything else. */
export function readHash(hash: string): Range | null {
  const [, one, other = one] = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(hash) ?? [];
  if (!one) return null;
  const bounded = (digits: string | undefined) => Math.min(Number(digits), MAX_NUMBER);
  const [first = 0, last = 0] = [bounded(one), bounded(other)].sort((a, b) => a - b);
  return first > 0 ? { first, last } : null;
}

export function writeHash(range: Range | null): string {
  if (!range) return "";
  return range.first === range.last ? `#L${range.first}` : `#L${range.first}-L${range.last}`;
}
