import { checkReports } from "./report-invariants.ts";
import { checkDeletions, checkFiles, checkLeftovers, checkLinks } from "./file-invariants.ts";
import { checkAnswers, checkEnds, checkErrors } from "./answer-invariants.ts";
import { checkMails, checkSchedule, checkWebhooks } from "./delivery-invariants.ts";
import { checkLimit, checkReadings } from "./portal-invariants.ts";
import type { Observations } from "./observations.ts";

/** A promise that a history has broken, and how. */
export type Violation = { invariant: Invariant; detail: string };

/** What holds in every history, by name. Each function returns what violates it. */
const invariants = {
  "no complete report lacks or invents an offer": checkReports,
  "at most one crawl per key": checkReadings,
  "no request beyond the limit": checkLimit,
  "every export ends": checkEnds,
  "each scheduled report exists exactly once": checkSchedule,
  "a mail is sent at most once, or is unknown": checkMails,
  "a webhook is delivered or given up as documented": checkWebhooks,
  "a published file is whole": checkFiles,
  "no link leads to a partial or foreign file": checkLinks,
  "nothing deleted returns": checkDeletions,
  "nothing is left after the lifecycle's time": checkLeftovers,
  "what GET says agrees with what is stored": checkAnswers,
  "no error is unexpected": checkErrors,
} as const satisfies Record<string, (observed: Observations) => string[]>;

export type Invariant = keyof typeof invariants;

export function listViolations(observed: Observations): Violation[] {
  return Object.entries(invariants).flatMap(([invariant, check]) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.entries types keys as string
    check(observed).map((detail) => ({ invariant: invariant as Invariant, detail })),
  );
}
