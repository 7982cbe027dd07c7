import { vi } from "vitest";

/** Asks again until it holds: on a machine that has other things to do that takes seconds. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
