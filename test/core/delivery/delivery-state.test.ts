import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  findRoundPauseSeconds,
  maxDeliveryRounds,
  maxDeliveryTries,
} from "../../../functions/core/delivery/delivery-retries.ts";
import {
  addTargets,
  bounceDelivery,
  Deliveries,
  type Delivery,
  type DeliveryKind,
  describeJob,
  isPendingDelivery,
  newDelivery,
  type DeliveryOutcome,
  presentDelivery,
  resolveDelivery,
  takeDelivery,
} from "../../../functions/core/delivery/delivery-state.ts";

const mail = newDelivery({ id: "one", kind: "mail", to: "one@example.com" });
const webhook = newDelivery({ id: "two", kind: "webhook", to: "address 1" });
const now = new Date("2026-12-01T06:00:00Z");
const soon = (ms: number) => new Date(now.getTime() + ms).toISOString();
const attemptOf = (id: string, job = "", at = now.toISOString()) => ({ id, errand: job, at });

function take(delivery: Delivery, attempt = attemptOf("a")): Delivery {
  const { answer } = takeDelivery(delivery, attempt);
  if (answer.kind !== "taken") throw new Error(`it is ${answer.kind}`);
  return answer.delivery;
}

const settle = (delivery: Delivery, outcome: DeliveryOutcome, attempt = "a") =>
  resolveDelivery(delivery, { attempt, outcome, now });

const sent: DeliveryOutcome = { kind: "sent", messageId: "m" };
const busy: DeliveryOutcome = { kind: "busy", reason: "Busy.", retryAfterMs: null };
const lost: DeliveryOutcome = { kind: "lost", reason: "Lost.", retryAfterMs: null };
const refused: DeliveryOutcome = { kind: "refused", reason: "Refused." };

describe("a delivery", () => {
  it("exists once for each target, however often it is added", () => {
    const { id, kind, to } = mail;
    const all = addTargets([], [{ id, kind, to }]);
    expect(all).toEqual([mail]);
    expect(addTargets(all ?? [], [{ id, kind, to }])).toBeNull();
  });

  it("is sent by the attempt that takes it, even if that takes it twice", () => {
    const taken = take(mail);
    expect(taken).toMatchObject({ status: "sending", tries: 1 });
    expect(take(taken)).toEqual(taken);
    const done = settle(taken, sent);
    expect(done).toMatchObject({ status: "sent", sentAt: now.toISOString(), messageId: "m", reason: null });
    for (const attempt of [attemptOf("a"), attemptOf("b")])
      expect(takeDelivery(done ?? mail, attempt).answer.kind).toBe("left");
  });

  it("is pending until it is known how it ended", () => {
    const unknown = settle(take(mail), lost);
    expect([mail, take(mail)].map(isPendingDelivery)).toEqual([true, true]);
    const final = [settle(take(mail), sent), settle(take(mail), refused), unknown];
    expect(final.map((delivery) => isPendingDelivery(delivery ?? mail))).toEqual([false, false, false]);
  });

  it("takes the outcome of an attempt once, and none without an attempt", () => {
    expect(settle(mail, sent)).toBeNull();
    for (const outcome of [sent, refused, lost]) {
      const settled = settle(take(mail), outcome) ?? mail;
      expect(settle(settled, refused)).toBeNull();
    }
    for (const outcome of [sent, busy])
      expect(settle(settle(take(webhook), outcome) ?? webhook, sent)).toBeNull();
  });

  it("is stored and read back in every state, and in no other", () => {
    const [one, two] = [take(mail), take(webhook)];
    const rested = settle(two, { ...busy, retryAfterMs: 1_000 });
    const all = [mail, one, settle(one, sent), settle(one, refused), settle(one, lost), rested];
    expect(Deliveries.parse(JSON.parse(JSON.stringify(all)))).toEqual(all);
    for (const odd of [{ kind: "fax" }, { status: "gone" }, { attempt: { id: "a" } }])
      expect(Deliveries.safeParse([{ ...mail, ...odd }]).success).toBe(false);
  });

  it("is left to another job that may still be sending it, for a limited time", () => {
    const taken = take(mail);
    expect(takeDelivery(taken, attemptOf("b", "late")).answer.kind).toBe("left");
    const takenAfter = (ms: number) => takeDelivery(taken, attemptOf("b", "late", soon(ms))).answer.kind;
    expect(takenAfter(20 * 60_000)).toBe("left");
    expect(takenAfter(20 * 60_000 + 1)).toBe("lost");
  });

  it("of a mail is lost when the attempt before has died; a webhook is sent again", () => {
    expect(takeDelivery(take(mail), attemptOf("b"))).toMatchObject({ after: null, answer: { kind: "lost" } });
    expect(take(take(webhook), attemptOf("b"))).toMatchObject({ status: "sending", tries: 2 });
  });

  it("with a lost outcome is unknown for good as a mail, and waits as a webhook", () => {
    const unknown = settle(take(mail), lost);
    expect(unknown).toMatchObject({ status: "unknown", reason: "Lost." });
    expect(takeDelivery(unknown ?? mail, attemptOf("b")).answer.kind).toBe("left");
    expect(settle(take(webhook), lost)).toMatchObject({ status: "waiting" });
  });

  it("has failed when it was refused, with the reason", () => {
    expect(settle(take(mail), refused)).toMatchObject({ status: "failed", reason: "Refused." });
  });

  it("is given up after eight tries in three hours", () => {
    let delivery = mail;
    let waitedSeconds = 0;
    for (let tries = 1; tries <= maxDeliveryTries; tries += 1) {
      expect(delivery.status).toBe("waiting");
      delivery = settle(take(delivery, attemptOf(String(tries))), busy, String(tries)) ?? delivery;
      waitedSeconds += findRoundPauseSeconds([delivery], now) ?? 0;
    }
    expect(delivery).toMatchObject({ status: "failed", reason: "Given up after 8 tries. Busy." });
    expect(waitedSeconds).toBe(11_040);
  });

  it("has rounds enough for all its tries, though it sits some out for others", () => {
    expect(maxDeliveryRounds).toBeGreaterThanOrEqual(2 * maxDeliveryTries);
    const others = settle(take({ ...mail, tries: 6 }), busy) ?? mail;
    expect(findRoundPauseSeconds([settle(take(mail), busy) ?? mail, others], now)).toBe(60);
  });

  it("waits for the pause that its receiver asks for, and delays others by an hour at most", () => {
    const pauseAfterRest = (retryAfterMs: number, ...others: Delivery[]) => {
      const waiting = settle(take(webhook), { ...busy, retryAfterMs }) ?? webhook;
      return findRoundPauseSeconds([waiting, ...others], now);
    };
    const other = settle(take(mail), busy) ?? mail;
    expect(other.retryAt).toBeNull();
    expect(pauseAfterRest(1_000, other)).toBe(60);
    expect(pauseAfterRest(90_500, other)).toBe(91);
    expect(pauseAfterRest(7_200_000, other)).toBe(3_600);
    expect(pauseAfterRest(7_200_000)).toBe(7_200);
  });

  it("is not sent before its pause is over, even in a round for others", () => {
    const rested = settle(take(webhook), { ...busy, retryAfterMs: 7_200_000 }) ?? webhook;
    expect(rested.retryAt).toBe(soon(7_200_000));
    for (const ms of [60_000, 3_600_000, 7_199_000])
      expect(takeDelivery(rested, attemptOf("b", "", soon(ms)))).toEqual({
        after: null,
        answer: { kind: "left" },
      });
    expect(take(rested, attemptOf("b", "", soon(7_200_000)))).toMatchObject({ tries: 2 });
  });

  it("has failed when the receiver asks for too long a pause", () => {
    const threeHoursMs = 3 * 3_600_000;
    const rest = (retryAfterMs: number) => settle(take(webhook), { ...lost, retryAfterMs });
    expect(rest(threeHoursMs)).toMatchObject({ status: "waiting", retryAt: soon(threeHoursMs) });
    for (const retryAfterMs of [threeHoursMs + 1, Number.MAX_VALUE])
      expect(rest(retryAfterMs)).toMatchObject({
        status: "failed",
        reason: expect.stringContaining("three hours"),
      });
  });

  it("counts its pause by the clock of the rounds", () => {
    const rested = settle(take(webhook), { ...busy, retryAfterMs: 90_000 }) ?? webhook;
    expect(takeDelivery(rested, attemptOf("b", "", soon(299)), 300).answer.kind).toBe("left");
    expect(takeDelivery(rested, attemptOf("b", "", soon(300)), 300).answer.kind).toBe("taken");
  });

  it("that a later attempt has taken ignores a failure of the earlier one, and counts what that has sent", () => {
    const taken = take(take(webhook), attemptOf("b"));
    for (const outcome of [busy, lost, refused]) expect(settle(taken, outcome, "a")).toBeNull();
    const done = settle(taken, sent, "a");
    expect(done).toMatchObject({ status: "sent" });
    expect(settle(done ?? webhook, busy, "b")).toBeNull();
    expect(settle(done ?? webhook, sent, "a")).toBeNull();
  });

  it("has another round while a late attempt of its job still sends it", () => {
    const taken = take(webhook);
    expect(findRoundPauseSeconds([taken], now)).toBe(60);
    expect(findRoundPauseSeconds([taken], now, "another job")).toBeNull();
    expect(findRoundPauseSeconds([settle(taken, sent) ?? taken], now)).toBeNull();
  });

  it("has failed when it bounces, even before its send is recorded", () => {
    const bounced = bounceDelivery(take(mail), "It bounced.");
    expect(bounced).toMatchObject({ status: "failed", reason: "It bounced." });
    expect(settle(bounced ?? mail, sent)).toMatchObject({
      status: "failed",
      reason: "It bounced.",
      sentAt: now.toISOString(),
      messageId: "m",
    });
    const recorded = settle(bounced ?? mail, sent) ?? mail;
    expect(settle(recorded, { kind: "sent", messageId: "other" })).toBeNull();
    expect(bounceDelivery(bounced ?? mail, "Again.")).toBeNull();
    expect(bounceDelivery(take(webhook), "It bounced.")).toBeNull();
    expect(bounceDelivery(settle(take(mail), lost) ?? mail, "It bounced.")).toMatchObject({
      status: "failed",
    });
    expect(bounceDelivery(mail, "It bounced.")).toBeNull();
  });

  it("is shown as unknown when its attempt is too old, and as failed without a report", () => {
    const taken = take(mail);
    const state = { status: "succeeded" };
    const [minute, twenty, later] = [60_000, 20 * 60_000, 21 * 60_000].map((ms) => new Date(soon(ms)));
    for (const at of [minute, twenty]) expect(presentDelivery(taken, state, at ?? now)).toEqual(taken);
    expect(presentDelivery(taken, state, later ?? now)).toMatchObject({
      status: "unknown",
      reason: expect.stringMatching(/nobody knows whether the mail went out.* ask the recipient/),
    });
    const done = settle(taken, sent) ?? mail;
    for (const other of [mail, done, webhook, take(webhook)])
      expect(presentDelivery(other, state, later ?? now)).toEqual(other);
    expect(presentDelivery(mail, { status: "failed" }, now)).toMatchObject({
      status: "failed",
      reason: "The export has failed, so there is nothing to mail.",
    });
    expect(presentDelivery(done, { status: "failed" }, now)).toEqual(done);
    expect(presentDelivery(webhook, { status: "failed" }, now)).toMatchObject({ status: "waiting" });
  });
});

describe("a job", () => {
  it("has a name and an input of its own: the export's, and one for each group of later recipients", () => {
    expect(describeJob({ id: "x" })).toEqual({ name: "x", payload: { id: "x" } });
    const later = { id: "x", errand: "0123" };
    expect(describeJob(later)).toEqual({ name: "x-0123", payload: later });
  });
});

type Simulation = { delivery: Delivery; sends: number; isKnown: boolean };
type Crash = "never" | "before" | "sending" | "noting";

/**
 * Simulates one attempt to deliver. The attempt may die before it sends, while it sends, or before it records the
 * outcome.
 */
function tryOnce(
  app: Simulation,
  { id, outcome, crash }: { id: string; outcome: DeliveryOutcome; crash: Crash },
): void {
  const { after, answer } = takeDelivery(app.delivery, attemptOf(id));
  app.delivery = after ?? app.delivery;
  if (answer.kind === "left" || crash === "before") return;
  const isSent = answer.kind === "taken" && (outcome.kind === "sent" || outcome.kind === "lost");
  if (answer.kind === "taken" && isSent) app.sends += 1;
  if (isSent && (outcome.kind === "lost" || crash !== "never")) app.isKnown = false;
  if (crash !== "never") return;
  const settled = answer.kind === "taken" ? outcome : lost;
  const holder = answer.delivery.attempt?.id ?? "";
  app.delivery = resolveDelivery(app.delivery, { attempt: holder, outcome: settled, now }) ?? app.delivery;
}

const outcomes = fc.constantFrom(sent, busy, lost, refused);
const crashes = fc.constantFrom<Crash>("never", "never", "before", "sending", "noting");
const history = fc.array(fc.record({ outcome: outcomes, crash: crashes }), { minLength: 1, maxLength: 40 });

function live(kind: DeliveryKind, steps: { outcome: DeliveryOutcome; crash: Crash }[]): Simulation {
  const app: Simulation = { delivery: kind === "mail" ? mail : webhook, sends: 0, isKnown: true };
  for (const [index, step] of steps.entries()) tryOnce(app, { id: String(index), ...step });
  return app;
}

describe("with any crashes and repetitions", () => {
  it("a mail is sent at most once, and a final status stays", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { delivery, sends, isKnown } = live("mail", steps);
        expect(sends).toBeLessThanOrEqual(1);
        expect(delivery.status === "sent" ? sends : 1).toBe(1);
        expect(sends === 1 && isKnown ? delivery.status : "sent").toBe("sent");
        const after = live("mail", [...steps, { outcome: sent, crash: "never" }]);
        const isFinal = ["sent", "failed", "unknown"].includes(delivery.status);
        expect(isFinal ? after.delivery : delivery).toEqual(delivery);
      }),
    );
  });

  it("a webhook is sent in the end, unless it is refused or given up", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const end = live("webhook", [...steps, { outcome: sent, crash: "never" }]);
        expect(["sent", "failed"]).toContain(end.delivery.status);
        expect(end.delivery.status === "sent" ? end.sends : 1).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
