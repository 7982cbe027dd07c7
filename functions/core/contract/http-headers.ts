import type { Progress } from "../basics/stored-values.ts";

/** The longest that a caller is kept waiting: proxies and spreadsheets give up after 30 seconds. */
export const maxWaitSeconds = 25;

/**
 * How long a caller would wait for a finished export, in seconds: RFC 7240's `wait=N`, or `respond-async` for
 * not at all. What cannot be understood is no preference; of two equal ones the first counts.
 */
export function readPrefer(header: string | undefined, defaultSeconds: number): number {
  for (const preference of (header ?? "").toLowerCase().split(",")) {
    const [name = "", value = ""] = (preference.split(";")[0] ?? "").split("=").map((text) => text.trim());
    if (name === "respond-async") return 0;
    const seconds = /^"?(\d{1,9})"?$/.exec(value)?.[1];
    if (name === "wait" && seconds !== undefined) return Math.min(maxWaitSeconds, Number(seconds));
  }
  return defaultSeconds;
}

const leastRetrySeconds = 2;
const mostRetrySeconds = 60;

/** When to ask again: nothing changes as long as the rate limit's window is used up. */
export function findRetryAfterSeconds({ waitingUntil }: Progress, now: Date): number {
  const leftMs = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now.getTime();
  return Math.min(mostRetrySeconds, Math.max(leastRetrySeconds, Math.ceil(leftMs / 1000)));
}
