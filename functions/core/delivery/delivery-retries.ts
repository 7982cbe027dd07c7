/** A delivery that may have to be tried again. */
type Waiting = { status: string; tries: number; retryAt: string | null };

/** Seconds until it is tried again: three hours in all. */
const pausesSeconds = [60, 180, 600, 1_200, 2_400, 3_000, 3_600] as const;

export const maxDeliveryTries = pausesSeconds.length + 1;

/** In some nothing is sent to those who rest. */
export const maxDeliveryRounds = 3 * maxDeliveryTries;

/** Longer than the function that sends may run. */
export const maxSendingMs = 20 * 60_000;

/** As long as all tries take without a rest; with one at each they fit into an execution's time. */
export const maxRetryAfterMs = 3 * 3_600_000;

/** The others' next round is not put off for longer. */
const longestWaitSeconds = 3_600;

/**
 * How long to wait for the next round; null when there is nothing left to send. A round tries all that wait, so it
 * comes when each of them may be tried; but those who may be are not kept for hours by one who rests.
 */
export function findRoundPauseSeconds(deliveries: readonly Waiting[], now: Date): number | null {
  const waiting = deliveries.filter(({ status }) => status === "waiting");
  if (waiting.length === 0) return null;
  const rests = waiting.map(({ retryAt }) => (retryAt === null ? 0 : Date.parse(retryAt) - now.getTime()));
  const pause = retryPauseSeconds(Math.min(...waiting.map(({ tries }) => tries)));
  const [shortest = 0, longest = 0] = [Math.min(...rests), Math.max(...rests)].map((ms) =>
    Math.ceil(Math.max(0, ms) / 1000),
  );
  return Math.max(pause, shortest, Math.min(longest, longestWaitSeconds));
}

export function retryPauseSeconds(tries: number): number {
  return pausesSeconds[Math.min(Math.max(tries, 1), pausesSeconds.length) - 1] ?? pausesSeconds[0];
}
