import { type Clock, systemTimer } from "../functions/adapters/clock/clock.ts";

/** A moment that a clock counts from: the clock shows `clockMs` when the system's clock shows `systemMs`. */
export type ClockOrigin = { systemMs: number; clockMs: number };

/**
 * Creates a clock that runs `speed` times as fast as the system's clock. By default both clocks count from 1970, so all
 * processes with the same speed read the same time, also after a restart.
 */
export function createFastClock(
  speed: number,
  { systemMs, clockMs }: ClockOrigin = { systemMs: 0, clockMs: 0 },
): Clock {
  return {
    now: () => clockMs + (Date.now() - systemMs) * speed,
    sleep: (ms) => systemTimer.sleep(ms / speed),
    dateOf: (ms) => new Date(systemMs + (ms - clockMs) / speed),
    system: systemTimer,
  };
}

type Timer = { atMs: number; wake: () => void };

/**
 * Creates a clock on which no sleep takes real time. In each turn of the event loop, the clock jumps to the end of the
 * earliest sleep.
 */
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
    system: systemTimer,
    sleep: (ms) =>
      new Promise((resolve) => {
        timers.push({ atMs: nowMs + ms, wake: resolve });
        if (!isScheduled) setImmediate(advance);
        isScheduled = true;
      }),
  };
}
