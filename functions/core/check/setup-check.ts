import * as z from "zod";
import { isoMoment, type RecordUpdate, wholeNumber } from "../basics/stored-values.ts";
import { findReserveFault } from "../rate-limit/request-permits.ts";

const names = ["key", "offers", "customers", "rateLimit", "bucket", "timeZone"] as const;

const Check = z.object({
  name: z.enum(names),
  status: z.enum(["ok", "warning", "failed", "skipped"]),
  code: z.string().describe("What was found, for programs; with the name it can be put into other words."),
  detail: z.string().describe("What was found, in plain words."),
  remedy: z.string().nullable().describe("What to do about it."),
});
type Check = z.infer<typeof Check>;

const CheckedRateLimit = z.object({
  perWindow: wholeNumber.describe("Requests that the portal takes in a window."),
  windowSeconds: z.number(),
  reserve: wholeNumber.describe("Those of them that PORTAL_RATE_RESERVE leaves to others."),
  remaining: wholeNumber.nullable().describe("Those that are left now, by the portal's word."),
  waitingUntil: isoMoment.nullable().describe("While nothing may be sent."),
  pages: wholeNumber.nullable().describe("Those of the newest snapshot."),
  crawlSeconds: wholeNumber
    .nullable()
    .describe("How long the limit makes the reading of so many pages take."),
});
export type CheckedRateLimit = z.infer<typeof CheckedRateLimit>;

/** What works, and what to do about what does not. */
export const CheckAnswer = z.object({
  ok: z.boolean().describe("Nothing has failed."),
  checkedAt: isoMoment.describe(
    "The portal is asked once a minute at most, and an answer is given again until then.",
  ),
  checks: z.array(Check).describe("One of each name, always in the same order."),
  rate: CheckedRateLimit.nullable().describe(
    "The portal's rate limit; null as long as nothing is known of it.",
  ),
  calendar: z.object({
    timeZone: z.string(),
    today: z.string().meta({ format: "date" }),
    portalAheadSeconds: z
      .int()
      .nullable()
      .describe("How far the portal's clock is ahead, when it told its time."),
  }),
});
export type CheckAnswer = z.infer<typeof CheckAnswer>;

/** Why something does not work, and what to do about it. */
export type CheckFault = Pick<Check, "code" | "detail" | "remedy">;

/** What became of a request; it may not have been sent. */
export type ProbeOutcome =
  | { kind: "read" }
  /** By a key that is good for other things. */
  | { kind: "forbidden"; fault: CheckFault }
  | { kind: "refused"; fault: CheckFault }
  | { kind: "skipped"; why: SkipReason };

export type CheckFindings = {
  at: Date;
  bucket: CheckFault | null;
  offers: ProbeOutcome;
  customers: ProbeOutcome;
  rate: CheckedRateLimit | null;
  /** Of a limit that is used up: whether it was not our own reading. */
  isTakenByOthers: boolean;
  calendar: CheckAnswer["calendar"];
};

const whys = {
  key_needed: {
    detail: "This was not asked for, since the portal gave no good answer before.",
    remedy: "Mend what stands above first.",
  },
  bucket_needed: {
    detail: "The portal was not asked: without the bucket nobody knows what else is being asked of it.",
    remedy: "Mend the bucket first.",
  },
  rate_used_up: {
    detail: "The portal lets nothing through at this moment.",
    remedy:
      "Check again later. If it stays so while no export is running, ask the portal's supplier for the key's rate limit.",
  },
  portal_busy: {
    detail: "The portal was not asked: an export is reading it, and has its whole rate limit.",
    remedy: "Check again when that is done.",
  },
  check_running: {
    detail: "The portal is being asked for another check.",
    remedy: "Check again in some seconds.",
  },
};
export type SkipReason = keyof typeof whys;

export function describeCheck(findings: CheckFindings): CheckAnswer {
  const { at, rate, calendar } = findings;
  const verdicts: Record<Check["name"], Verdict> = {
    key: judgeKey(findings),
    offers: judgeOffers(findings),
    customers: judgeCustomers(findings),
    rateLimit: judgeRate(findings),
    bucket: judgeBucket(findings),
    timeZone: judgeTime(findings),
  };
  const checks = names.map((name) => Object.assign({ name }, verdicts[name]));
  const ok = checks.every(({ status }) => status !== "failed");
  return { ok, checkedAt: at.toISOString(), checks, rate, calendar };
}

type Verdict = Omit<Check, "name">;

function judgeKey({ offers }: CheckFindings): Verdict {
  if (offers.kind === "skipped") return skip(offers.why);
  if (offers.kind === "refused") return blame("failed", offers.fault);
  return approve("key_accepted", "The portal accepts the API key.");
}

function judgeOffers({ offers }: CheckFindings): Verdict {
  if (offers.kind === "skipped") return skip(offers.why);
  if (offers.kind === "refused") return skip("key_needed");
  if (offers.kind === "forbidden") return blame("failed", offers.fault);
  return approve("offers_readable", "The key may read offers.");
}

/** Without them reports name customers by their ids. */
function judgeCustomers({ customers }: CheckFindings): Verdict {
  if (customers.kind === "skipped") return skip(customers.why);
  if (customers.kind !== "read") return blame("warning", customers.fault);
  return approve("customers_readable", "The key may read customers, whose names the reports hold.");
}

function judgeRate({ rate, offers, isTakenByOthers }: CheckFindings): Verdict {
  if (rate === null && offers.kind === "read") return blame("warning", rateUnknown);
  if (rate === null) return skip(offers.kind === "skipped" ? offers.why : "key_needed");
  const fault = findReserveFault(rate);
  if (fault !== null) return blame("failed", fault);
  if (rate.waitingUntil !== null && isTakenByOthers) return { ...skip("rate_used_up"), status: "warning" };
  return approve("rate_known", describeRate(rate));
}

const rateUnknown = {
  code: "rate_unknown",
  detail:
    "The portal's answers tell no rate limit. An export begins with what the portal documents, and finds out the rest " +
    "by what is refused.",
  remedy: "Ask the portal's supplier, or whoever runs a proxy before it, why X-RateLimit-Limit is missing.",
};

function describeRate({
  perWindow,
  windowSeconds,
  remaining,
  pages,
  crawlSeconds,
}: CheckedRateLimit): string {
  const left = remaining === null ? "" : `, of which ${remaining} are left`;
  const limit = `The portal takes ${perWindow} requests in ${windowSeconds} seconds${left}.`;
  return pages === null
    ? limit
    : `${limit} At that pace its ${pages} pages are read in ${crawlSeconds} seconds.`;
}

function judgeBucket({ bucket }: CheckFindings): Verdict {
  if (bucket !== null) return blame("failed", bucket);
  return approve("bucket_writable", "The bucket can be read and written, also under conditions.");
}

const maxAheadSeconds = 60;

function judgeTime({ calendar: { timeZone, today, portalAheadSeconds: ahead } }: CheckFindings): Verdict {
  const verdict = approve("time_zone_known", `In ${timeZone} it is ${today}.`);
  if (ahead === null || Math.abs(ahead) <= maxAheadSeconds) return verdict;
  const detail = `${verdict.detail} The portal's clock is ${Math.abs(ahead)} seconds ${ahead > 0 ? "ahead" : "behind"}.`;
  return {
    status: "warning",
    code: "clock_differs",
    detail,
    remedy: "Set this machine's clock by a time server.",
  };
}

function approve(code: string, detail: string): Verdict {
  return { status: "ok", code, detail, remedy: null };
}

function blame(status: "warning" | "failed", { code, detail, remedy }: CheckFault): Verdict {
  return { status, code, detail, remedy };
}

function skip(why: SkipReason): Verdict {
  return { status: "skipped", code: why, ...whys[why] };
}

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

/** The header that makes a write conditional. */
export type WriteCondition = "If-Match" | "If-None-Match";

const remedy =
  "Use a storage with conditional writes, as S3 has them: PutObject must refuse what does not meet its If-Match or " +
  "If-None-Match with 412, and take what does (with S3_ENDPOINT: another server, or a newer version of it; a proxy " +
  "before it must pass these headers and ETag on).";

export function describeIgnoredCondition(condition: WriteCondition): CheckFault {
  const detail =
    `The storage took a write whose ${condition} did not hold, so two exports at once can overwrite what the other ` +
    "has written.";
  return { code: "condition_ignored", detail, remedy };
}

export function describeRefusedCondition(condition: WriteCondition, answer: string): CheckFault {
  const detail = `The storage refused a write whose ${condition} held: it ${answer}. No export can be started.`;
  return { code: "condition_refused", detail, remedy };
}
