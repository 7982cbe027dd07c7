import * as z from "zod";

/** The portal's documentation has it so: https://api.mijnklantportaal.nl */
export const documentedPerWindow = 60;

/**
 * What 429s have shown of a limit that no answer tells. Beyond it requests are sent again after a while: fewer than
 * the limit were let through where others have used the key, or where requests were not known of.
 */
export const LearntLimit = z.object({
  perWindow: z.number(),
  /** The limit that the last 429 has shown; null where it is twice the requests that passed without one. */
  measured: z.number().nullable(),
  /** How long what was measured holds, in windows. */
  holdWindows: z.number(),
  atMs: z.number(),
  probeAtMs: z.number(),
});
export type LearntLimit = z.infer<typeof LearntLimit>;

/** What is much less than was expected is soon tried again, what has been confirmed ever later. */
const holds = { surprising: 1, first: 4, longest: 64 };
/** A measurement that comes so near to what was expected confirms it. */
const nearness = 0.9;

type Measurement = { granted: number; nowMs: number; windowMs: number };

export function learnLimitFromRefusal(
  learnt: LearntLimit | null,
  { granted, nowMs, windowMs }: Measurement,
): LearntLimit {
  const expected = learnt?.measured ?? documentedPerWindow;
  const isConfirmed = granted >= nearness * expected;
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

/** With what was let through beside what was refused. */
export function addToMeasurement(learnt: LearntLimit, granted: number): LearntLimit {
  const { perWindow, measured } = learnt;
  return {
    ...learnt,
    perWindow: Math.max(perWindow, granted),
    measured: measured === null ? null : Math.max(measured, granted),
  };
}
