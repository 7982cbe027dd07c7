import * as z from "zod";
import { isoMoment, type RecordUpdate, wholeNumber } from "../basics/stored-values.ts";
import { findReserveFault } from "../rate-limit/request-permits.ts";

const names = ["key", "offers", "customers", "rateLimit", "bucket", "timeZone"] as const;

const Check = z.object({
  name: z.enum(names),
  status: z.enum(["ok", "warning", "failed", "skipped"]),
  code: z.string().describe("What was found, for programs. Name and code together decide what it means."),
  detail: z.string().describe("What was found, in plain words."),
  remedy: z.string().nullable().describe("What to do about it."),
});
type Check = z.infer<typeof Check>;

const CheckedRateLimit = z.object({
  perWindow: wholeNumber.describe("The requests that the portal takes in a window."),
  windowSeconds: z.number(),
  reserve: wholeNumber.describe("The requests of a window that PORTAL_RATE_RESERVE leaves to others."),
  remaining: wholeNumber.nullable().describe("The requests that are left now, as the portal states."),
  waitingUntil: isoMoment.nullable().describe("Nothing may be sent until then."),
  pages: wholeNumber.nullable().describe("The pages of the newest snapshot."),
  crawlSeconds: wholeNumber.nullable().describe("How long a crawl of these pages takes at this limit."),
});
export type CheckedRateLimit = z.infer<typeof CheckedRateLimit>;

/** The body of the answer to `GET /check`: the verdict on each part of the setup, and the remedy for each fault. */
export const CheckAnswer = z.object({
  ok: z.boolean().describe("Nothing has failed."),
  checkedAt: isoMoment.describe(
    "The time of the check. The portal is asked at most once a minute. Until then the same answer is given again.",
  ),
  checks: z.array(Check).describe("One check of each name, always in the same order."),
  rate: CheckedRateLimit.nullable().describe("The portal's rate limit. Null as long as it is unknown."),
  calendar: z.object({
    timeZone: z.string(),
    today: z.string().meta({ format: "date" }),
    portalAheadSeconds: z
      .int()
      .nullable()
      .describe("How far the portal's clock is ahead. Null if the portal did not state its time."),
  }),
});
export type CheckAnswer = z.infer<typeof CheckAnswer>;

/** A fault of the setup and its remedy. */
export type CheckFault = Pick<Check, "code" | "detail" | "remedy">;

/** The outcome of one of the check's requests to the portal. `skipped` means that the request was not sent. */
export type ProbeOutcome =
  | { kind: "read" }
  /** The portal accepts the API key, but the key lacks the scope that the request needs. */
  | { kind: "forbidden"; fault: CheckFault }
  | { kind: "refused"; fault: CheckFault }
  | { kind: "skipped"; why: SkipReason };

type CheckFindings = {
  at: Date;
  bucket: CheckFault | null;
  offers: ProbeOutcome;
  customers: ProbeOutcome;
  rate: CheckedRateLimit | null;
  /** True when other programs with the same API key have used up the rate limit. */
  isTakenByOthers: boolean;
  calendar: CheckAnswer["calendar"];
};

const skipReasons = {
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
export type SkipReason = keyof typeof skipReasons;

export function describeCheck(findings: CheckFindings): CheckAnswer {
  const { at, rate, calendar } = findings;
  const verdicts: Record<Check["name"], Verdict> = {
    key: judgeKey(findings),
    offers: judgeOffers(findings),
    customers: judgeCustomers(findings),
    rateLimit: judgeRate(findings),
    bucket: judgeBucket(findings),
    timeZone: judgeClock(findings),
  };
  const checks = names.map((name) => Object.assign({ name }, verdicts[name]));
  const ok = checks.every(({ status }) => status !== "failed");
  return { ok, checkedAt: at.toISOString(), checks, rate, calendar };
}

type Verdict = Omit<Check, "name">;

function judgeKey({ offers }: CheckFindings): Verdict {
  if (offers.kind === "skipped") return skip(offers.why);
  if (offers.kind === "refused") return report("failed", offers.fault);
  return pass("key_accepted", "The portal accepts the API key.");
}

function judgeOffers({ offers }: CheckFindings): Verdict {
  if (offers.kind === "skipped") return skip(offers.why);
  if (offers.kind === "refused") return skip("key_needed");
  if (offers.kind === "forbidden") return report("failed", offers.fault);
  return pass("offers_readable", "The key may read offers.");
}

/**
 * Judges whether the key may read customers. A failure is only a warning, since reports show customers' ids when
 * names are missing.
 */
function judgeCustomers({ customers }: CheckFindings): Verdict {
  if (customers.kind === "skipped") return skip(customers.why);
  if (customers.kind !== "read") return report("warning", customers.fault);
  return pass("customers_readable", "The key may read customers, whose names the reports hold.");
}

function judgeRate({ rate, offers, isTakenByOthers }: CheckFindings): Verdict {
  if (rate === null && offers.kind === "read") return report("warning", rateUnknown);
  if (rate === null) return skip(offers.kind === "skipped" ? offers.why : "key_needed");
  const fault = findReserveFault(rate);
  if (fault !== null) return report("failed", fault);
  if (rate.waitingUntil !== null && isTakenByOthers) return { ...skip("rate_used_up"), status: "warning" };
  return pass("rate_known", describeRate(rate));
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
  if (bucket !== null) return report("failed", bucket);
  return pass("bucket_writable", "The bucket can be read and written, also under conditions.");
}

const maxAheadSeconds = 60;

function judgeClock({ calendar: { timeZone, today, portalAheadSeconds: ahead } }: CheckFindings): Verdict {
  const verdict = pass("time_zone_known", `In ${timeZone} it is ${today}.`);
  if (ahead === null || Math.abs(ahead) <= maxAheadSeconds) return verdict;
  const detail = `${verdict.detail} The portal's clock is ${Math.abs(ahead)} seconds ${ahead > 0 ? "ahead" : "behind"}.`;
  return {
    status: "warning",
    code: "clock_differs",
    detail,
    remedy: "Set this machine's clock by a time server.",
  };
}

function pass(code: string, detail: string): Verdict {
  return { status: "ok", code, detail, remedy: null };
}

function report(status: "warning" | "failed", { code, detail, remedy }: CheckFault): Verdict {
  return { status, code, detail, remedy };
}

function skip(why: SkipReason): Verdict {
  return { status: "skipped", code: why, ...skipReasons[why] };
}

/**
 * The newest check, as stored in the bucket. All callers share it until the moment `until`. `answer` is null while
 * the check runs.
 */
export const StoredCheck = z.object({ until: isoMoment, answer: CheckAnswer.nullable() });
export type StoredCheck = z.infer<typeof StoredCheck>;

export type CheckStart = { kind: "begun" } | { kind: "running" } | { kind: "known"; answer: CheckAnswer };

const freshMs = 60_000;
/**
 * The largest expected difference between the clocks of two machines, plus the time that a write to the bucket takes.
 */
const skewMs = 30_000;

/**
 * Starts a check unless another check runs or has just ended. So at most one check a minute sends requests to the
 * portal.
 */
export function beginCheck(stored: StoredCheck | null, now: Date): RecordUpdate<StoredCheck, CheckStart> {
  const leftMs = stored === null ? 0 : Date.parse(stored.until) - now.getTime();
  // An `until` too far in the future is ignored. It comes from a machine whose clock was ahead, and would block
  // checks for too long.
  if (stored === null || leftMs <= 0 || leftMs > freshMs + skewMs) {
    const until = new Date(now.getTime() + freshMs).toISOString();
    return { after: { until, answer: null }, answer: { kind: "begun" } };
  }
  const { answer } = stored;
  return { after: null, answer: answer === null ? { kind: "running" } : { kind: "known", answer } };
}

/**
 * Returns the finished check as stored in the bucket. When the check sent a request to the portal, the answer is
 * reused for a minute. Otherwise the answer is not reused.
 */
export function endCheck(answer: CheckAnswer, hasAskedPortal: boolean): StoredCheck {
  const untilMs = Date.parse(answer.checkedAt) + (hasAskedPortal ? freshMs : 0);
  return { until: new Date(untilMs).toISOString(), answer };
}

/** The header that makes a write conditional. */
export type WriteCondition = "If-Match" | "If-None-Match";

const conditionRemedy =
  "Use a storage with conditional writes, as S3 has them: PutObject must refuse what does not meet its If-Match or " +
  "If-None-Match with 412, and take what does (with S3_ENDPOINT: another server, or a newer version of it; a proxy " +
  "before it must pass these headers and ETag on).";

export function describeIgnoredCondition(condition: WriteCondition): CheckFault {
  const detail =
    `The storage took a write whose ${condition} did not hold, so two exports at once can overwrite what the other ` +
    "has written.";
  return { code: "condition_ignored", detail, remedy: conditionRemedy };
}

export function describeRefusedCondition(condition: WriteCondition, answer: string): CheckFault {
  const detail = `The storage refused a write whose ${condition} held: it ${answer}. No export can be started.`;
  return { code: "condition_refused", detail, remedy: conditionRemedy };
}
