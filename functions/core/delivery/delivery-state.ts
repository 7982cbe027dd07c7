import * as z from "zod";
import { isoMoment, type RecordUpdate, wholeNumber } from "../basics/stored-values.ts";
import { maxRetryAfterMs, maxDeliveryTries, maxSendingMs } from "./delivery-retries.ts";

/** One go at sending. A step that runs again after a crash is another attempt of the same errand. */
export const DeliveryAttempt = z.object({
  id: z.string(),
  /** The execution's, of those that deliver the same report. */
  errand: z.string(),
  at: isoMoment,
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

/** A report on its way to one address. */
export const Delivery = z.object({
  /** Made of its kind and its address, so that nobody is on the list twice. */
  id: z.string(),
  kind: z.enum(["mail", "webhook"]),
  to: z.string().describe("A mail address, or which of the webhooks: their addresses are secrets."),
  status: z
    .enum(["waiting", "sending", "sent", "failed", "unknown"])
    .describe("`unknown`: whether it was sent is not known, and it is not sent again."),
  /** Sends that were begun. */
  tries: wholeNumber,
  /** The last one. */
  attempt: DeliveryAttempt.nullable(),
  /** Before this its receiver wants nothing. */
  retryAt: isoMoment.nullable(),
  sentAt: isoMoment.nullable(),
  reason: z.string().nullable().describe("Why it is not sent, or not yet, in plain words."),
  /** The mail's, by SES. */
  messageId: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;
export type DeliveryKind = Delivery["kind"];
/** What becomes of it at last. */
export type FinalDeliveryStatus = Exclude<Delivery["status"], "waiting" | "sending">;
export type DeliveryTarget = Pick<Delivery, "id" | "kind" | "to">;

/** All those of an export. */
export const Deliveries = z.array(Delivery);
export type Deliveries = z.infer<typeof Deliveries>;

/**
 * What came of an attempt: `refused` when another one would be, `busy` when it was certainly not accepted and may be
 * later, `lost` when nobody knows. A reason names neither an address nor a secret.
 */
export type DeliveryOutcome =
  | { kind: "sent"; messageId: string | null }
  | { kind: "refused"; reason: string }
  /** `retryAfterMs`: for how long the receiver wants nothing, if it said so, however long that is. */
  | { kind: "busy" | "lost"; reason: string; retryAfterMs: number | null };

/** With the targets that it did not have yet; null when it has them all. */
export function addTargets(known: Deliveries, targets: DeliveryTarget[]): Deliveries | null {
  const ids = new Set(known.map(({ id }) => id));
  const added = targets.filter(({ id }) => !ids.has(id)).map(newDelivery);
  return added.length === 0 ? null : [...known, ...added];
}

export function newDelivery(target: DeliveryTarget): Delivery {
  return {
    ...target,
    status: "waiting",
    tries: 0,
    attempt: null,
    retryAt: null,
    sentAt: null,
    reason: null,
    messageId: null,
  };
}

export function isPendingDelivery({ status }: Delivery): boolean {
  return status === "waiting" || status === "sending";
}

/** `taken` to be sent now, `lost` in an attempt that died over it, or `left` as it is. */
export type TakenDelivery = { kind: "taken" | "lost"; delivery: Delivery } | { kind: "left" };

/**
 * Takes what waits, to be written before it is sent. A mail that another attempt has taken may have been sent, so
 * it is lost; a webhook is taken again, whose event id tells its receiver. Taken twice by one attempt it is the
 * same: a write may count although its answer did not come. `speed` is that of the clock by which rounds wait.
 */
export function takeDelivery(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  speed = 1,
): RecordUpdate<Delivery, TakenDelivery> {
  const isOwn = delivery.attempt?.id === attempt.id;
  if (delivery.status === "sending" && isOwn) return { after: null, answer: { kind: "taken", delivery } };
  const hasDied = hasLost(delivery, attempt);
  if (hasDied && delivery.kind === "mail") return { after: null, answer: { kind: "lost", delivery } };
  const isDue = delivery.status === "waiting" || hasDied;
  if (!isDue || isResting(delivery, attempt, speed)) return { after: null, answer: { kind: "left" } };
  const taken: Delivery = { ...delivery, status: "sending", tries: delivery.tries + 1, attempt };
  return { after: taken, answer: { kind: "taken", delivery: taken } };
}

/** Whether its receiver has asked for a pause that is not over: in a round for others it gets nothing. */
function isResting({ retryAt, attempt }: Delivery, { at }: DeliveryAttempt, speed: number): boolean {
  if (retryAt === null || attempt === null) return false;
  const triedMs = Date.parse(attempt.at);
  return triedMs + (Date.parse(at) - triedMs) * speed < Date.parse(retryAt);
}

/** Of one errand nothing runs twice at once; another one may still be sending. */
function hasLost({ status, attempt }: Delivery, { errand, at }: DeliveryAttempt): boolean {
  if (status !== "sending" || attempt === null) return false;
  return attempt.errand === errand || Date.parse(at) - Date.parse(attempt.at) > maxSendingMs;
}

/** What became of the attempt; null where that is known already, or another has taken it since. */
export function resolveDelivery(
  delivery: Delivery,
  { attempt, outcome, now }: { attempt: string; outcome: DeliveryOutcome; now: Date },
): Delivery | null {
  if (delivery.attempt?.id !== attempt) return null;
  if (delivery.status === "sending") return applyOutcome(delivery, outcome, now);
  // A bounce may be known before it is noted that the mail was sent.
  if (outcome.kind !== "sent" || delivery.status !== "failed" || delivery.sentAt !== null) return null;
  return { ...delivery, sentAt: now.toISOString(), messageId: outcome.messageId };
}

function applyOutcome(delivery: Delivery, outcome: DeliveryOutcome, now: Date): Delivery {
  if (outcome.kind === "sent") {
    const { messageId } = outcome;
    return { ...delivery, status: "sent", sentAt: now.toISOString(), reason: null, messageId };
  }
  const { kind, reason } = outcome;
  if (kind === "refused") return { ...delivery, status: "failed", reason };
  if (kind === "lost" && delivery.kind === "mail") return { ...delivery, status: "unknown", reason };
  const { retryAfterMs } = outcome;
  if (delivery.tries >= maxDeliveryTries)
    return { ...delivery, status: "failed", reason: `Given up after ${maxDeliveryTries} tries. ${reason}` };
  if (retryAfterMs !== null && retryAfterMs > maxRetryAfterMs)
    return { ...delivery, status: "failed", reason: `${reason} ${restless}` };
  const retryAt = retryAfterMs === null ? null : new Date(now.getTime() + retryAfterMs).toISOString();
  return { ...delivery, status: "waiting", reason, retryAt };
}
const restless = "It wants nothing for more than three hours, and is not waited for.";

/** The mail that came back, or that its reader has called spam; null for what has failed already or was not sent. */
export function bounceDelivery(delivery: Delivery, reason: string): Delivery | null {
  if (delivery.kind !== "mail" || ["waiting", "failed"].includes(delivery.status)) return null;
  return { ...delivery, status: "failed", reason };
}

export const crashedReason =
  "The function ended while it was sending, so nobody knows whether the mail went out. It is not sent again: ask " +
  "the recipient.";

const withoutReport = "The export has failed, so there is nothing to mail.";

/** As its reader is told it: what nobody settles any more is not known, and without a report nothing is sent. */
export function presentDelivery(
  delivery: Delivery,
  { status: exportStatus }: { status: string },
  now: Date,
): Delivery {
  const { status, attempt, kind } = delivery;
  if (exportStatus === "failed" && kind === "mail" && status === "waiting")
    return { ...delivery, status: "failed", reason: withoutReport };
  if (kind !== "mail" || status !== "sending" || attempt === null) return delivery;
  const isDead = now.getTime() - Date.parse(attempt.at) > maxSendingMs;
  return isDead ? { ...delivery, status: "unknown", reason: crashedReason } : delivery;
}

/**
 * An execution about an export: the one that makes and delivers it has the export's own name. A later one, which
 * delivers a finished report to whom it was not asked for before, is named after whom that is.
 */
export type ExportJob = { id: string; errand?: string | undefined };

/** The execution's name and its input: the same name always has the same input. */
export function describeJob({ id, errand }: ExportJob): { name: string; payload: ExportJob } {
  return errand === undefined
    ? { name: id, payload: { id } }
    : { name: `${id}-${errand}`, payload: { id, errand } };
}
