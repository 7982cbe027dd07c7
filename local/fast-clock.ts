import { type Clock, systemClock } from "../functions/adapters/clock/clock.ts";

/**
 * A clock that runs `speed` times as fast as the system's clock and has the same zero. So two processes read the
 * same time, and a restarted process continues at the right time.
 */
export function createFastClock(speed: number): Clock {
  return {
    now: () => Date.now() * speed,
    sleep: (ms) => systemClock.sleep(ms / speed),
    dateOf: (ms) => new Date(ms / speed),
  };
}

type Timer = { atMs: number; wake: () => void };

/** A clock that jumps to the end of the next sleep as soon as no other work is left. */
export function createVirtualClock(nowMs = 0): Clock {
  const timers: Timer[] = [];
  let isScheduled = false;

  function advance(): void {
    timers.sort((a, b) => a.atMs - b.atMs);
    const next = timers.shift();
    isScheduled = timers.length > 0;
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.atMs);
    next.wake();
    if (isScheduled) setImmediate(advance);
  }

  return {
    now: () => nowMs,
    dateOf: (ms) => new Date(ms),
    sleep: (ms) =>
      new Promise((resolve) => {
        timers.push({ atMs: nowMs + ms, wake: resolve });
        if (!isScheduled) setImmediate(advance);
        isScheduled = true;
      }),
  };
}
