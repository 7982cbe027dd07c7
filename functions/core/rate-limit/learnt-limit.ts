import * as z from "zod";

/** From the portal's documentation: https://api.mijnklantportaal.nl */
export const documentedPerWindow = 60;

/**
 * The limit of a portal without rate headers, learnt from its 429 answers: the number of requests that the portal
 * granted in the window before a 429. The real limit may be higher, because other programs may use the key too. So
 * after some windows the limit is probed again: requests go beyond it until the next 429.
 *
 * Example: a portal grants 40 requests and refuses the next one, while 60 are documented. So 40 is learnt. It
 * differs from the expected 60, so it is probed again after one window. The next 429 comes after 40 requests again
 * and confirms the limit. Now the limit holds for 4 windows, then for 8, up to 64.
 */
export const LearntLimit = z.object({
  perWindow: z.number(),
  /**
   * The number of requests granted before the last 429. Null when no 429 has come: then `perWindow` is an
   * assumption, twice the number of requests granted.
   */
  measured: z.number().nullable(),
  /** The number of windows before the limit is probed again. */
  holdWindows: z.number(),
  atMs: z.number(),
  probeAtMs: z.number(),
});
export type LearntLimit = z.infer<typeof LearntLimit>;

/** In windows. A surprising measurement is probed again soon. Each confirmation makes the wait longer. */
const holds = { surprising: 1, first: 4, longest: 64 };
/** A measurement confirms the expectation when it is at least this share of it. */
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

/** Raises the measurement when the portal has also granted requests that were under way with the refused one. */
export function addToMeasurement(learnt: LearntLimit, granted: number): LearntLimit {
  const { perWindow, measured } = learnt;
  return {
    ...learnt,
    perWindow: Math.max(perWindow, granted),
    measured: measured === null ? null : Math.max(measured, granted),
  };
}
