/**
 * What an export runs on: named steps whose results are kept, and waits between them that cost nothing.
 * A step may run more than once, so what it writes has a key of its own; a result is small and serialisable.
 */
export interface DurableSteps {
  step: <T>(name: string, run: () => Promise<T>) => Promise<T>;
  wait: (name: string, seconds: number) => Promise<void>;
}
