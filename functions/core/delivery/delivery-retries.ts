type RetriedDelivery = { status: string; tries: number; retryAt: string | null };

/** Seconds before each retry, three hours in all. */
const pausesSeconds = [60, 180, 600, 1_200, 2_400, 3_000, 3_600] as const;

export const maxDeliveryTries = pausesSeconds.length + 1;

/** More rounds than tries, since a round skips receivers that have asked for a pause. */
export const maxDeliveryRounds = 3 * maxDeliveryTries;

/** Longer than the sending function may run, so an older attempt has died. */
export const maxSendingMs = 20 * 60_000;

/**
 * The longest Retry-After that is honoured. It is as long as all retry pauses together. Even if a receiver asks for
 * it before every retry, the deliveries end before the execution's time limit.
 */
export const maxRetryAfterMs = 3 * 3_600_000;

/** The longest time that a round waits for a receiver that asked for a pause, while other receivers are ready. */
const maxSharedPauseSeconds = 3_600;

/**
 * Seconds until the next round; null when nothing is left to send. The round waits at least for the retry pause. It
 * also waits for the receivers that asked for a pause: up to an hour for all of them, then only for the first one.
 */
export function findRoundPauseSeconds(deliveries: readonly RetriedDelivery[], now: Date): number | null {
  const waiting = deliveries.filter(({ status }) => status === "waiting");
  if (waiting.length === 0) return null;
  const requestedSeconds = waiting.map(({ retryAt }) => countSecondsUntil(retryAt, now));
  const shortest = Math.min(...requestedSeconds);
  const longest = Math.max(...requestedSeconds);
  const pause = retryPauseSeconds(Math.min(...waiting.map(({ tries }) => tries)));
  return Math.max(pause, shortest, Math.min(longest, maxSharedPauseSeconds));
}

function countSecondsUntil(moment: string | null, now: Date): number {
  return moment === null ? 0 : Math.ceil(Math.max(0, Date.parse(moment) - now.getTime()) / 1000);
}

export function retryPauseSeconds(tries: number): number {
  return pausesSeconds[Math.min(Math.max(tries, 1), pausesSeconds.length) - 1] ?? pausesSeconds[0];
}
