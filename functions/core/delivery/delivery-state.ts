import * as z from "zod";
import { isoMoment, type RecordUpdate, wholeNumber } from "../basics/stored-values.ts";
import { maxRetryAfterMs, maxDeliveryTries, maxSendingMs } from "./delivery-retries.ts";

/** One attempt to send. A step that runs again after a crash is another attempt of the same job. */
export const DeliveryAttempt = z.object({
  id: z.string(),
  /** The stored name of the job (ExportJob) that this attempt belongs to; empty for the export's own job. */
  errand: z.string(),
  at: isoMoment,
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

/** The delivery of one export to one address. */
export const Delivery = z.object({
  /** A hash of the kind and the address, so each address occurs once. */
  id: z.string(),
  kind: z.enum(["mail", "webhook"]),
  to: z.string().describe("A mail address, or which of the webhooks: their addresses are secrets."),
  status: z
    .enum(["waiting", "sending", "sent", "failed", "unknown"])
    .describe("`unknown`: whether it was sent is not known, and it is not sent again."),
  /** The number of attempts begun. */
  tries: wholeNumber,
  attempt: DeliveryAttempt.nullable(),
  /** The receiver asks for no request before this moment. */
  retryAt: isoMoment.nullable(),
  sentAt: isoMoment.nullable(),
  reason: z.string().nullable().describe("Why it is not sent, or not yet, in plain words."),
  /** The id that SES gave to the mail. */
  messageId: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;
export type DeliveryKind = Delivery["kind"];
export type FinalDeliveryStatus = Exclude<Delivery["status"], "waiting" | "sending">;
export type DeliveryTarget = Pick<Delivery, "id" | "kind" | "to">;

export const Deliveries = z.array(Delivery);
export type Deliveries = z.infer<typeof Deliveries>;

/**
 * The outcome of an attempt. `refused`: a retry would fail too. `busy`: it was not accepted, but a retry may be.
 * `lost`: unknown whether it arrived. A reason names neither an address nor a secret.
 */
export type DeliveryOutcome =
  | { kind: "sent"; messageId: string | null }
  | { kind: "refused"; reason: string }
  /** `retryAfterMs`: the pause that the receiver asked for, without an upper bound. */
  | { kind: "busy" | "lost"; reason: string; retryAfterMs: number | null };

/** Adds a delivery for each new target. Null when there is nothing to add. */
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

/** `taken`: to be sent now. `lost`: an earlier attempt died while sending it. `left`: nothing to do now. */
type TakenDelivery = { kind: "taken" | "lost"; delivery: Delivery } | { kind: "left" };

/**
 * Marks a waiting delivery as `sending`. Callers store this before they send. When an earlier attempt died while
 * sending, a mail counts as lost, since it may have gone out. A webhook is sent again, since its receiver recognises
 * the event's id. The same attempt may take a delivery twice, because its write can succeed although the response is
 * lost. `speed` is the speed of the clock that times the pauses; 1 is real time.
 */
export function takeDelivery(
  delivery: Delivery,
  attempt: DeliveryAttempt,
  speed = 1,
): RecordUpdate<Delivery, TakenDelivery> {
  const isSameAttempt = delivery.attempt?.id === attempt.id;
  if (delivery.status === "sending" && isSameAttempt)
    return { after: null, answer: { kind: "taken", delivery } };
  const hasDied = hasAttemptDied(delivery, attempt);
  if (hasDied && delivery.kind === "mail") return { after: null, answer: { kind: "lost", delivery } };
  const isDue = delivery.status === "waiting" || hasDied;
  if (!isDue || isPaused(delivery, attempt, speed)) return { after: null, answer: { kind: "left" } };
  const taken: Delivery = { ...delivery, status: "sending", tries: delivery.tries + 1, attempt };
  return { after: taken, answer: { kind: "taken", delivery: taken } };
}

/** True during the pause that the receiver asked for. */
function isPaused({ retryAt, attempt }: Delivery, { at }: DeliveryAttempt, speed: number): boolean {
  if (retryAt === null || attempt === null) return false;
  const triedMs = Date.parse(attempt.at);
  return triedMs + (Date.parse(at) - triedMs) * speed < Date.parse(retryAt);
}

/**
 * True when the attempt that marked the delivery as `sending` has died. A job makes one attempt at a time, so an
 * earlier attempt of the same job has died. An attempt of another job has died after `maxSendingMs`.
 */
function hasAttemptDied({ status, attempt }: Delivery, { errand: jobName, at }: DeliveryAttempt): boolean {
  if (status !== "sending" || attempt === null) return false;
  return attempt.errand === jobName || Date.parse(at) - Date.parse(attempt.at) > maxSendingMs;
}

/** Applies the outcome of an attempt. Null when it is applied already, or when a later attempt has taken over. */
export function resolveDelivery(
  delivery: Delivery,
  { attempt, outcome, now }: { attempt: string; outcome: DeliveryOutcome; now: Date },
): Delivery | null {
  if (delivery.attempt?.id !== attempt) return null;
  if (delivery.status === "sending") return applyOutcome(delivery, outcome, now);
  // A bounce may be recorded before the outcome of the send.
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
    return { ...delivery, status: "failed", reason: `${reason} ${pauseTooLong}` };
  const retryAt = retryAfterMs === null ? null : new Date(now.getTime() + retryAfterMs).toISOString();
  return { ...delivery, status: "waiting", reason, retryAt };
}
const pauseTooLong = "It wants nothing for more than three hours, and is not waited for.";

/** Fails a mail that bounced or was reported as spam. Null when it has failed already or was not sent. */
export function bounceDelivery(delivery: Delivery, reason: string): Delivery | null {
  if (delivery.kind !== "mail" || ["waiting", "failed"].includes(delivery.status)) return null;
  return { ...delivery, status: "failed", reason };
}

export const crashedReason =
  "The function ended while it was sending, so nobody knows whether the mail went out. It is not sent again: ask " +
  "the recipient.";

const noReportReason = "The export has failed, so there is nothing to mail.";

/**
 * The delivery as callers see it. Two statuses are derived and not stored: a mail whose attempt has died is
 * `unknown`, and a mail that waits for a failed export is `failed`.
 */
export function presentDelivery(
  delivery: Delivery,
  { status: exportStatus }: { status: string },
  now: Date,
): Delivery {
  const { status, attempt, kind } = delivery;
  if (exportStatus === "failed" && kind === "mail" && status === "waiting")
    return { ...delivery, status: "failed", reason: noReportReason };
  if (kind !== "mail" || status !== "sending" || attempt === null) return delivery;
  const hasDied = now.getTime() - Date.parse(attempt.at) > maxSendingMs;
  return hasDied ? { ...delivery, status: "unknown", reason: crashedReason } : delivery;
}

/**
 * The input of a workflow execution. Without `errand` it makes and delivers the export. With it, the execution mails
 * a finished report to further recipients; `errand` is the stored name of that job, a hash of the recipients.
 */
export type ExportJob = { id: string; errand?: string | undefined };

/** The name and the input of the job's execution. Equal names always have equal inputs. */
export function describeJob({ id, errand: jobName }: ExportJob): { name: string; payload: ExportJob } {
  return jobName === undefined
    ? { name: id, payload: { id } }
    : { name: `${id}-${jobName}`, payload: { id, errand: jobName } };
}
