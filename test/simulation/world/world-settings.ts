import { simulatedSettings } from "../lambda/function-settings.ts";
import type { HistoryPlan } from "./history-plan.ts";
import type { FaultRates } from "../faults/fault-source.ts";
import { type PortalRates, stormyRates } from "../portal/portal-faults.ts";

export const accessToken = "token-of-the-simulated-users";
export const scheduleName = "monthly";
export const functionUrl = "https://reports.test";

/** Lets less go wrong, so that a month with several readings is not mostly made of repeated requests. */
function calmRates(portal: PortalRates, share: number): PortalRates {
  const scale = <K extends string>(kinds: FaultRates<K>): FaultRates<K> => {
    const scaled: { [Kind in K]?: number } = { ...kinds };
    for (const kind in kinds) scaled[kind] = (kinds[kind] ?? 0) * share;
    return scaled;
  };
  return {
    errors: scale(portal.errors),
    outages: scale(portal.outages),
    lies: scale(portal.lies),
    goneOffers: portal.goneOffers * share,
    changes: scale(portal.changes),
  };
}

/** How often things go wrong: in so many of 1,000 cases. */
export const worldRates = {
  s3: { unsent: 4, unanswered: 6, slow: 4, busy: 4, failed: 3, "done and failed": 4, cut: 3 },
  engine: {
    invocation: { cold: 50, crash: 40, freeze: 40, overlap: 40, unreturned: 20 },
    checkpoint: { token: 4, throttled: 4, failed: 4, unanswered: 6 },
    execution: { late: 10 },
  },
  start: { refused: 20, unsent: 10, unanswered: 20, twice: 30 },
  call: { unsent: 10, unanswered: 20 },
  function: { cold: 100, crash: 20, freeze: 10, overlap: 10, unreturned: 10 },
  queue: { twice: 30, late: 10 },
  scheduler: {
    tick: { late: 50, twice: 80, overlap: 80, lost: 50 },
    watch: { late: 5, twice: 5, overlap: 5, lost: 20 },
  },
  portal: calmRates(stormyRates, 0.4),
  mail: {
    unreachable: 30,
    unsent: 30,
    unanswered: 40,
    slow: 20,
    silent: 20,
    throttled: 60,
    paused: 20,
    busy: 40,
    rejected: 20,
    failed: 30,
    "done and failed": 30,
    crash: 20,
  },
  mailReturn: { bounce: 60, "transient bounce": 30, complaint: 20, reject: 10 },
  mailEvent: { early: 300, twice: 200 },
  receivers: {
    unknown: 30,
    unreachable: 40,
    reset: 50,
    unanswered: 60,
    slow: 20,
    redirected: 30,
    refused: 20,
    gone: 20,
    failed: 80,
    paused: 60,
    "paused until": 60,
    "paused for long": 20,
  },
} as const;

/** The rules of infra/bucket.ts. */
export const lifecycle = [
  { prefix: "snapshots/", days: 40 },
  { prefix: "files/", days: 30 },
  { prefix: "deliveries/", days: 400 },
  { prefix: "exports/", days: 400 },
  { prefix: "claims/", days: 400 },
  { prefix: "customers/", days: 400 },
];
export const uploadDays = 1;

/** Returns the settings of the deployed service, as its functions find them in their environment. */
export function makeEnvironment({
  reports,
  recipients,
  mailWhen,
  receivers,
}: HistoryPlan): Record<string, string> {
  const schedule = {
    name: scheduleName,
    expression: "cron(0 6 1 * ? *)",
    reports,
    ...(recipients.length > 0 && { recipients }),
    ...(mailWhen !== null && { mailWhen }),
  };
  return {
    ...simulatedSettings,
    ACCESS_TOKEN: accessToken,
    EXPORT_WORKFLOW: "export",
    EXPORT_WORKFLOW_QUALIFIER: "live",
    PUBLIC_URL: functionUrl,
    MAIL_SENDER: "reports@example.com",
    MAIL_CONFIGURATION_SET: "bounces",
    SCHEDULES: JSON.stringify([schedule]),
    ...(receivers.length > 0 && {
      WEBHOOKS: receivers.join(","),
      WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    }),
  };
}
