import * as z from "zod";

/** The number of requests per window that the portal's documentation allows: https://api.mijnklantportaal.nl */
export const documentedPerWindow = 60;

/**
 * The rate limit of a portal that sends no rate headers, learnt from its refusals. It is the number of requests that
 * the portal granted in the window before the 429. The real limit may be higher, because other programs may use the
 * key, too. So after some windows the limit is probed again: more requests are sent until the next 429.
 *
 * Example: 60 requests are documented. The portal grants 40 and refuses the next one, so the learnt limit is 40.
 * Because 40 is less than the expected 60, the limit is probed again after one window. The next 429 comes after 40
 * requests again and confirms the limit. Now the limit is probed after 4 windows, then after 8, and so on up to 64.
 */
export const LearntLimit = z.object({
  perWindow: z.number(),
  /**
   * The number of requests that the portal granted in the window before the last 429. Null when no 429 has come.
   * Then `perWindow` is an assumption: twice the number of requests that the portal granted in a window.
   */
  measured: z.number().nullable(),
  /** The limit is used for this number of windows of the rate limit before it is probed again. */
  holdWindows: z.number(),
  atMs: z.number(),
  probeAtMs: z.number(),
});
export type LearntLimit = z.infer<typeof LearntLimit>;

/**
 * The waits before the limit is probed again, in windows of the rate limit. The wait is short after a surprising
 * measurement, and grows with each measurement that confirms the limit.
 */
const holds = { surprising: 1, first: 4, longest: 64 };
/** A measured limit confirms the expected limit when it reaches at least this share of it. */
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

/**
 * Raises the learnt limit to `granted`, unless it is already higher. Call this after a 429, because the portal may
 * still grant requests that were under way together with the refused one.
 */
export function addToMeasurement(learnt: LearntLimit, granted: number): LearntLimit {
  const { perWindow, measured } = learnt;
  return {
    ...learnt,
    perWindow: Math.max(perWindow, granted),
    measured: measured === null ? null : Math.max(measured, granted),
  };
}
