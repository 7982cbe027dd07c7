import * as z from "zod";

/** From the portal's documentation: https://api.mijnklantportaal.nl */
export const documentedPerWindow = 60;

/**
 * The limit of a portal without rate headers, learnt from its 429s: the requests that it granted in the window
 * before one. Other programs may have used the key, too, and then the limit is higher than that. So after some
 * windows it is probed again: requests go on beyond it until the next 429.
 *
 * Example: a portal grants 40 requests and refuses the next one, while 60 are documented. 40 is learnt, and probed
 * again after one window, because it is a surprise. The next 429 comes after 40 requests again: that confirms it,
 * and it holds for 4 windows, then 8, up to 64.
 */
export const LearntLimit = z.object({
  perWindow: z.number(),
  /** The requests granted before the last 429; null when `perWindow` is an assumption, twice what was granted. */
  measured: z.number().nullable(),
  /** The number of windows before the limit is probed again. */
  holdWindows: z.number(),
  atMs: z.number(),
  probeAtMs: z.number(),
});
export type LearntLimit = z.infer<typeof LearntLimit>;

/** In windows. A surprising measurement is probed again soon, a confirmed one later each time. */
const holds = { surprising: 1, first: 4, longest: 64 };
/** A measurement confirms the expectation from this share of it on. */
const minConfirmedShare = 0.9;

type Measurement = { granted: number; nowMs: number; windowMs: number };

export function learnLimitFromRefusal(
  learnt: LearntLimit | null,
  { granted, nowMs, windowMs }: Measurement,
): LearntLimit {
  const expected = learnt?.measured ?? documentedPerWindow;
  const isConfirmed = granted >= minConfirmedShare * expected;
  const longer = Math.min(holds.longest, Math.max(holds.first, 2 * (learnt?.holdWindows ?? 0)));
  const holdWindows = isConfirmed ? longer : holds.surprising;
  return {
    perWindow: granted,
    measured: granted,
    holdWindows,
    atMs: nowMs,
    probeAtMs: nowMs + holdWindows * windowMs,
  };
}

/** Raises the measurement when requests beside the refused one were granted. */
export function addToMeasurement(learnt: LearntLimit, granted: number): LearntLimit {
  const { perWindow, measured } = learnt;
  return {
    ...learnt,
    perWindow: Math.max(perWindow, granted),
    measured: measured === null ? null : Math.max(measured, granted),
  };
}
