// Times in the viewer's zone. `Intl` objects are costly to make, so each is made once.
const short = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const withYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** `Nov 24, 14:03:12`, with the year where it is another one. */
export function instantText(instant: string, now: number = Date.now()): string {
  const date = new Date(instant);
  return (date.getFullYear() === new Date(now).getFullYear() ? short : withYear).format(date);
}

/** For a hover: the whole local time with its zone, and the exact UTC as the service told it. */
export function exactText(instant: string): string {
  return `${full.format(new Date(instant))}\n${instant.replace("T", " ").replace("Z", " UTC")}`;
}

/** `14:03:12.417`, in the viewer's zone. */
export function clockText(instant: string): string {
  return clock.format(new Date(instant));
}
