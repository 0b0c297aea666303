// What this browser remembers. It may refuse to (private windows, full storage): then nothing is remembered,
// and nothing breaks.
const NAMESPACE = "agent-runs:";

export interface Stored<T> {
  read(): T;
  write(value: T): void;
}

/** A value under a name. What an older or a broken page left there and `isValid` does not know is the default. */
export function stored<T>(name: string, byDefault: T, isValid: (value: unknown) => boolean): Stored<T> {
  const key = NAMESPACE + name;
  return {
    read() {
      try {
        const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
        return isValid(value) ? (value as T) : byDefault;
      } catch {
        return byDefault;
      }
    },
    write(value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Remembered for as long as the page is open, by whoever holds the value.
      }
    },
  };
}
