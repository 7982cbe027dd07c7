import { deliveriesKey } from "../../../functions/core/basics/bucket-keys.ts";
import { Deliveries, type Delivery } from "../../../functions/core/delivery/delivery-state.ts";
import type { ExportResult } from "../../../functions/core/export/export-state.ts";
import { maxSkewMs } from "../time/virtual-clock.ts";
import {
  findVersion,
  findVersions,
  listKeys,
  type Observations,
  type ObservedWebhook,
  parseBody,
} from "./observations.ts";
import { listLastStates } from "./observed-exports.ts";

/** Each report of a tick has exactly one export that has succeeded, or an alarm says that there is none. */
export function checkSchedule(observed: Observations): string[] {
  const states = listLastStates(observed);
  return observed.reports.flatMap(({ schedule, options }) => {
    const own = states.filter(
      (state) =>
        state.run.schedule === schedule &&
        Object.entries(options).every(
          ([name, value]) =>
            JSON.stringify(new Map<string, unknown>(Object.entries(state.options)).get(name)) ===
            JSON.stringify(value),
        ),
    );
    const done = own.filter(({ status }) => status === "succeeded");
    if (done.length === 1) return [];
    const isAlarmed = observed.alarms.some(
      ({ text }) => text.includes(`${schedule} at`) || text.includes("dead letter"),
    );
    if (done.length === 0 && isAlarmed) return [];
    const ids = own
      .slice(0, 5)
      .map(({ id, status, problem }) => `${id} ${status} ${problem?.code ?? ""}`.trim())
      .join(", ");
    return [`the report ${JSON.stringify(options)} exists ${done.length} times: ${ids || "none was begun"}`];
  });
}

/** The deliveries of an export when all work has ended. */
function listDeliveries(observed: Observations): { exportId: string; delivery: Delivery }[] {
  return listKeys(observed, "deliveries/").flatMap((key) => {
    const exportId = key.slice("deliveries/".length, -".json".length);
    const version = findVersion(observed, deliveriesKey(exportId), observed.restMs);
    if (version === null) return [];
    return Deliveries.parse(parseBody(version.body)).map((delivery) => ({ exportId, delivery }));
  });
}

export function checkMails(observed: Observations): string[] {
  const accepted = Map.groupBy(observed.mails, ({ exportId, deliveryId }) => `${exportId} ${deliveryId}`);
  const repeated = [...accepted].filter(([, mails]) => mails.length > 1);
  const wrong = listDeliveries(observed).flatMap(({ exportId, delivery }) => {
    if (delivery.kind !== "mail") return [];
    const { id, status, to } = delivery;
    const isAccepted = accepted.has(`${exportId} ${id}`);
    const name = `the mail of ${exportId} to ${to}`;
    if (status === "sent") return isAccepted ? [] : [`${name} is sent, and SES has accepted none`];
    if (status === "unknown") {
      const isAlarmed = observed.alarms.some(({ text }) => text === `unknown mail ${exportId} ${id}`);
      return isAlarmed ? [] : [`${name} is unknown, and nobody is told`];
    }
    // A mail that has come back is failed, although SES had accepted it.
    if (status === "failed")
      return isAccepted && delivery.sentAt === null && !isBounced(delivery)
        ? [`${name} is failed, and SES has accepted it`]
        : [];
    return [`${name} is ${status} for ever`];
  });
  return [
    ...repeated.map(([key, mails]) => `SES has accepted the mail of ${key} ${mails.length} times`),
    ...wrong,
    ...listWrongSkips(observed),
  ];
}

/** A mail of a schedule with `mailWhen` is left out exactly when the report gives no reason to send it. */
function listWrongSkips(observed: Observations): string[] {
  const delivered = new Set(
    listDeliveries(observed).map(({ exportId, delivery }) => `${exportId} ${delivery.to}`),
  );
  const accepted = new Set(observed.mails.map(({ exportId, to }) => `${exportId} ${to}`));
  const ended = new Set(
    observed.executions.filter(({ status }) => status === "SUCCEEDED").map(({ name }) => name),
  );
  return listLastStates(observed).flatMap(({ id, run, result }) => {
    if (result === null || run.conditionalMail === null) return [];
    const { mailWhen, recipients } = run.conditionalMail;
    const isWanted = isMailWanted(result, mailWhen);
    return recipients
      .filter((to) => !run.recipients.includes(to))
      .flatMap((to) => {
        const name = `${id} ${to}`;
        if (!isWanted && accepted.has(name))
          return [`the mail of ${name} is sent, although it is to be skipped`];
        return isWanted && ended.has(id) && !delivered.has(name) ? [`the mail of ${name} is left out`] : [];
      });
  });
}

function isMailWanted(
  { completeness, notCompared, changes, figures }: ExportResult,
  mailWhen: "changed" | "expiring",
): boolean {
  if (completeness !== "complete" || notCompared === "first") return true;
  if (mailWhen === "expiring") return (figures?.followUp.expiringSoon?.offers ?? 1) > 0;
  return changes === null || Object.values(changes.kinds).some(({ offers }) => offers > 0);
}

function isBounced({ reason }: Delivery): boolean {
  return reason !== null && /came back|unwanted|harmful/.test(reason);
}

const maxTries = 8;
/** The dates of two processes differ by at most this. */
const skewMs = 2 * maxSkewMs;

/** A webhook arrives and is answered with 2xx, or it is given up after eight tries or a refusal. */
export function checkWebhooks(observed: Observations): string[] {
  const arrivals = Map.groupBy(observed.webhooks, ({ id }) => id);
  const early = [...arrivals.values()].flatMap((tries) =>
    tries.flatMap((one, index) => checkRest(observed, one, tries[index + 1])),
  );
  const wrong = listDeliveries(observed).flatMap(({ exportId, delivery }) => {
    if (delivery.kind !== "webhook") return [];
    const { id, status, tries, reason } = delivery;
    const seen = arrivals.get(`${exportId}-${id}`) ?? [];
    const isDelivered = seen.some((one) => one.status !== null && one.status >= 200 && one.status < 300);
    const name = `the webhook of ${exportId} to ${id}`;
    if (status === "sent") return isDelivered ? [] : [`${name} is sent, and the receiver has none`];
    if (status !== "failed") return [`${name} is ${status} for ever`];
    const isFinal = tries >= maxTries || seen.some(isRefusal) || (reason ?? "").includes("three hours");
    return isFinal ? [] : [`${name} is given up after ${tries} tries: ${reason}`];
  });
  return [...early, ...wrong];
}

/**
 * A receiver that has asked for a rest is sent nothing before its end. A request that was sent before the rest was
 * stored is an exception: its sender could not know of the rest. So is one of an invocation that counts as ended: its
 * process may have been frozen while another one sent the event and was asked for the rest.
 */
function checkRest(
  observed: Observations,
  one: ObservedWebhook,
  next: ObservedWebhook | undefined,
): string[] {
  const { restUntilMs, id, receiver } = one;
  if (restUntilMs === null || next === undefined || next.isLate) return [];
  if (next.atMs >= restUntilMs - skewMs) return [];
  const [exportId, hookId] = [id.slice(0, exportIdLength), id.slice(exportIdLength + 1)];
  const versions = findVersions(observed, deliveriesKey(exportId), [one.atMs, next.sentAtMs]).filter(
    ({ atMs }) => atMs > one.atMs,
  );
  const isStored = versions.some(
    ({ body }) =>
      body !== null &&
      Deliveries.parse(parseBody(body)).some(
        ({ id: known, status, retryAt }) =>
          known === hookId &&
          status === "waiting" &&
          retryAt !== null &&
          Date.parse(retryAt) >= restUntilMs - skewMs,
      ),
  );
  const at = new Date(next.atMs).toISOString();
  return isStored ? [`the webhook ${id} came to ${receiver} at ${at}, before its rest was over`] : [];
}

const exportIdLength = 35;

function isRefusal({ status }: { status: number | null }): boolean {
  return status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
