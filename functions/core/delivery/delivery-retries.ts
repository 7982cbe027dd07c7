type RetriedDelivery = {
  status: string;
  tries: number;
  retryAt: string | null;
  attempt: { errand: string } | null;
};

/** The pause before each retry of a delivery, in seconds. All pauses together take about three hours. */
const pausesSeconds = [60, 180, 600, 1_200, 2_400, 3_000, 3_600] as const;

export const maxDeliveryTries = pausesSeconds.length + 1;

/**
 * The largest number of rounds of sending. There are more rounds than tries, because a round skips receivers that
 * have asked for a pause.
 */
export const maxDeliveryRounds = 3 * maxDeliveryTries;

/** The age from which an attempt to send counts as dead. The function that sends is stopped before this age. */
export const maxSendingMs = 20 * 60_000;

/**
 * The longest `Retry-After` that is honoured, about as long as all retry pauses together. A delivery fails when its
 * receiver asks for a longer pause.
 */
export const maxRetryAfterMs = 3 * 3_600_000;

/**
 * The longest time for which the next round waits for receivers that asked for a pause, while other receivers are
 * ready.
 */
const maxSharedPauseSeconds = 3_600;

/**
 * Returns the seconds until the next round; null when nothing is left to send. The next round waits until the retry
 * pause is over and at least one receiver is ready. For the other receivers that asked for a pause, it waits at most
 * an hour.
 *
 * When a delivery of this job is still `sending` at the end of a round, a late attempt of an earlier round is sending
 * it. That attempt may fail, so another round follows.
 */
export function findRoundPauseSeconds(
  deliveries: readonly RetriedDelivery[],
  now: Date,
  jobName = "",
): number | null {
  const waiting = deliveries.filter(
    ({ status, attempt }) => status === "waiting" || (status === "sending" && attempt?.errand === jobName),
  );
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
