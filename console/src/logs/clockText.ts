const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** `14:03:12.417`, in the viewer's zone. */
export function clockText(instant: string): string {
  return clock.format(new Date(instant));
}
