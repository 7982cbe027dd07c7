import * as z from "zod";
import { isoMoment, type RecordUpdate, wholeNumber } from "../basics/stored-values.ts";
import { maxRetryAfterMs, maxDeliveryTries, maxSendingMs } from "./delivery-retries.ts";

/** One attempt to send a delivery. A step that runs again after a crash makes another attempt for the same job. */
export const DeliveryAttempt = z.object({
  id: z.string(),
  /**
   * The name of the job (ExportJob) to which this attempt belongs. It is empty for the job that makes and delivers
   * the export.
   */
  errand: z.string(),
  at: isoMoment,
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

/** The delivery of one export to one address. */
export const Delivery = z.object({
  /** A hash of the kind and the address, so that an export has only one delivery to each address. */
  id: z.string(),
  kind: z.enum(["mail", "webhook"]),
  to: z
    .string()
    .describe("A mail address, or the place of a webhook in WEBHOOKS, since its address is a secret."),
  status: z
    .enum(["waiting", "sending", "sent", "failed", "unknown"])
    .describe("`unknown`: whether it was sent is not known, and it is not sent again."),
  /** The number of attempts that have begun. */
  tries: wholeNumber,
  attempt: DeliveryAttempt.nullable(),
  /** Until this time the receiver wants no further request; null when the receiver asked for no pause. */
  retryAt: isoMoment.nullable(),
  sentAt: isoMoment.nullable(),
  reason: z.string().nullable().describe("Why nothing was sent, or not yet, in plain words."),
  /** The id that SES gave to the mail; null for a webhook, and for a mail that was not sent. */
  messageId: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;
export type DeliveryKind = Delivery["kind"];
export type FinalDeliveryStatus = Exclude<Delivery["status"], "waiting" | "sending">;
export type DeliveryTarget = Pick<Delivery, "id" | "kind" | "to">;

/** The statuses that a caller sees. `skipped` is derived from the export's state, and not stored. */
export const ShownStatus = z
  .enum([...Delivery.shape.status.options, "skipped"])
  .describe(
    "`unknown`: whether it was sent is not known, and it is not sent again. `skipped`: the schedule's `mailWhen` asks " +
      "for no mail about this report.",
  );

export const Deliveries = z.array(Delivery);
export type Deliveries = z.infer<typeof Deliveries>;

/**
 * The outcome of an attempt to send. `refused`: the receiver did not accept the delivery, and a retry would fail too.
 * `busy`: the receiver did not accept the delivery, but may accept a retry. `lost`: it is unknown whether the
 * delivery arrived. A `reason` contains neither an address nor a secret.
 */
export type DeliveryOutcome =
  | { kind: "sent"; messageId: string | null }
  | { kind: "refused"; reason: string }
  /** `retryAfterMs` is the pause that the receiver asked for, however long; null when the receiver asked for none. */
  | { kind: "busy" | "lost"; reason: string; retryAfterMs: number | null };

/**
 * Returns the known deliveries, and a new delivery for each target that has none. Returns null when every target has
 * a delivery.
 */
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

/**
 * The decision of an attempt about a delivery. `taken`: the attempt sends the delivery. `lost`: an earlier attempt died
 * while it sent this mail. `left`: there is nothing to send now.
 */
type TakenDelivery = { kind: "taken" | "lost"; delivery: Delivery } | { kind: "left" };

/**
 * Marks a waiting delivery as `sending`. Callers store the mark before they send the delivery. When an earlier
 * attempt died while it sent a mail, the mail counts as lost, because it may have gone out. A webhook is sent again
 * instead, because receivers recognise the id of the event. The same attempt may take a delivery twice, because the
 * write of the mark can succeed although its response is lost. `speed` is the speed of the clock that times the
 * pauses; 1 is real time.
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

/** True when the attempt falls into the pause that the receiver asked for. */
function isPaused({ retryAt, attempt }: Delivery, { at }: DeliveryAttempt, speed: number): boolean {
  if (retryAt === null || attempt === null) return false;
  const triedMs = Date.parse(attempt.at);
  return triedMs + (Date.parse(at) - triedMs) * speed < Date.parse(retryAt);
}

/**
 * True when the attempt that marked the delivery as `sending` has died. A job makes one attempt at a time, so an
 * earlier attempt of the same job has died. An attempt of another job counts as dead after `maxSendingMs`.
 */
function hasAttemptDied({ status, attempt }: Delivery, { errand: jobName, at }: DeliveryAttempt): boolean {
  if (status !== "sending" || attempt === null) return false;
  return attempt.errand === jobName || Date.parse(at) - Date.parse(attempt.at) > maxSendingMs;
}

/**
 * Returns the delivery after an attempt with this outcome; null when the outcome has been applied already, or when a
 * later attempt has taken the delivery. What an attempt has sent counts although a later attempt has taken the delivery.
 */
export function resolveDelivery(
  delivery: Delivery,
  { attempt, outcome, now }: { attempt: string; outcome: DeliveryOutcome; now: Date },
): Delivery | null {
  if (delivery.attempt === null) return null;
  if (delivery.attempt.id !== attempt)
    return outcome.kind === "sent" && isPendingDelivery(delivery)
      ? applyOutcome(delivery, outcome, now)
      : null;
  if (delivery.status === "sending") return applyOutcome(delivery, outcome, now);
  // The bounce of a mail may be recorded before the outcome of the attempt that sent the mail. The delivery then
  // stays failed, but gets the time of sending and the id of the mail.
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

/**
 * Gives a delivery the status `failed`, because its mail bounced or was reported as spam. Returns null when the
 * delivery has failed already, or when the mail was not sent.
 */
export function bounceDelivery(delivery: Delivery, reason: string): Delivery | null {
  if (delivery.kind !== "mail" || ["waiting", "failed"].includes(delivery.status)) return null;
  return { ...delivery, status: "failed", reason };
}

export const crashedReason =
  "The function ended while it was sending, so nobody knows whether the mail went out. It is not sent again: ask " +
  "the recipient.";

const noReportReason = "The export has failed, so there is nothing to mail.";

/**
 * Returns the delivery as callers see it. Two statuses are derived and not stored: a mail whose attempt has died is
 * `unknown`, and a waiting mail of a failed export is `failed`.
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
 * The input of a workflow execution. Without `errand`, the execution makes and delivers the export. With `errand`,
 * the execution mails a finished report to further recipients; `errand` is the stored name of this job, a hash of the
 * recipients.
 */
export type ExportJob = { id: string; errand?: string | undefined };

/** Returns the name and the input of the job's execution. Executions with equal names have equal inputs. */
export function describeJob({ id, errand: jobName }: ExportJob): { name: string; payload: ExportJob } {
  return jobName === undefined
    ? { name: id, payload: { id } }
    : { name: `${id}-${jobName}`, payload: { id, errand: jobName } };
}
