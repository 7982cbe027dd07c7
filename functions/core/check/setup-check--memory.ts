import * as z from "zod";
import type { RecordUpdate } from "../basics/stored-values--change.ts";
import { CheckAnswer } from "./setup-check.ts";
import { isoMoment } from "../basics/stored-values.ts";

/** The newest check, whoever wanted it; without an answer as long as it is under way. */
export const StoredCheck = z.object({ until: isoMoment, answer: CheckAnswer.nullable() });
export type StoredCheck = z.infer<typeof StoredCheck>;

export type CheckStart = { kind: "begun" } | { kind: "running" } | { kind: "known"; answer: CheckAnswer };

const freshMs = 60_000;
/** Between two computers, and between two visits that overtake each other on their way to the storage. */
const skewMs = 30_000;

/** Of all that check within a minute one may ask the portal. */
export function beginCheck(memory: StoredCheck | null, now: Date): RecordUpdate<StoredCheck, CheckStart> {
  const leftMs = memory === null ? 0 : Date.parse(memory.until) - now.getTime();
  // What is good for longer was written before the clock was set back.
  if (memory === null || leftMs <= 0 || leftMs > freshMs + skewMs) {
    const until = new Date(now.getTime() + freshMs).toISOString();
    return { after: { until, answer: null }, answer: { kind: "begun" } };
  }
  const { answer } = memory;
  return { after: null, answer: answer === null ? { kind: "running" } : { kind: "known", answer } };
}

/** An answer for which the portal was not asked is good for its moment only. */
export function endCheck(answer: CheckAnswer, isAsked: boolean): StoredCheck {
  const untilMs = Date.parse(answer.checkedAt) + (isAsked ? freshMs : 0);
  return { until: new Date(untilMs).toISOString(), answer };
}
