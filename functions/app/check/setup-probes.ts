import * as z from "zod";
import { describeUnsupportedCondition } from "../../adapters/bucket/s3-client.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
import type { RequestAttempt } from "../../adapters/portal/portal-client.ts";
import {
  RetryableError,
  scopeMissingCode,
  unavailableCode,
  UnexpectedResponseError,
} from "../../adapters/portal/portal-errors.ts";
import { readRateHeaders, unknownRateHeaders } from "../../adapters/portal/response-headers.ts";
import {
  type CheckFault,
  describeIgnoredCondition,
  describeRefusedCondition,
  type ProbeOutcome,
  type WriteCondition,
} from "../../core/check/setup-check.ts";
import {
  noteAnsweredRequests,
  type AnsweredRequest,
  type RateLimit,
} from "../../core/rate-limit/rate-limit.ts";
import { readPermit } from "../../core/rate-limit/request-permits.ts";
import type { AppContext } from "../context.ts";

export type ProbeResults = {
  offers: ProbeOutcome;
  customers: ProbeOutcome;
  responses: AnsweredRequest[];
  /**
   * The number of seconds that the portal's clock is ahead of our clock; null when unknown. It is a whole number,
   * because the header `Date` contains no fractions of a second.
   */
  aheadSeconds: number | null;
};

/** The time limit for both requests to the portal together. It is short, because a caller waits for the check. */
const timeoutMs = 6_000;

/**
 * Requests one page of offers. Also requests one page of customers when the first request has shown that the key works.
 * Stays within the rate limit, and retries no request.
 */
export async function probePortal(app: AppContext, limit: RateLimit): Promise<ProbeResults> {
  const { portal } = app;
  const { probe, findings } = createProbe(app, limit);
  const offers = await probe((attempt) => portal.requestPage(1, attempt));
  if (offers.kind === "skipped") return { offers, customers: offers, ...findings() };
  const customers: ProbeOutcome =
    offers.kind === "refused"
      ? { kind: "skipped", why: "key_needed" }
      : await probe((attempt) => portal.requestCustomers(1, attempt));
  return { offers, customers, ...findings() };
}

type Probe = {
  probe: (request: (attempt: RequestAttempt) => Promise<unknown>) => Promise<ProbeOutcome>;
  findings: () => Pick<ProbeResults, "responses" | "aheadSeconds">;
};

/**
 * Returns two functions: `probe` sends one request, and `findings` returns what all responses have shown about the rate
 * limit and the portal's clock.
 */
function createProbe({ clock }: AppContext, limit: RateLimit): Probe {
  const signal = clock.system.timeout(timeoutMs);
  const now = () => clock.now();
  const responses: AnsweredRequest[] = [];
  let aheadSeconds: number | null = null;
  return {
    async probe(request) {
      const sentMs = now();
      if (readPermit(noteAnsweredRequests(limit, responses), sentMs).requests === 0)
        return { kind: "skipped", why: "rate_used_up" };
      let rate = unknownRateHeaders;
      const onHeaders = (headers: Headers) => {
        rate = readRateHeaders(headers);
        aheadSeconds = readAheadSeconds(headers, dateNow(clock));
      };
      const failure = await request({ now, signal, onHeaders }).then(() => null, requireRetryable);
      const { isClosed = false, retryAtMs = null } = failure ?? {};
      const isOutage = failure?.isRefusal === false;
      responses.push({
        sentMs,
        nowMs: now(),
        ...rate,
        isClosed,
        retryAtMs,
        isOutage,
        isGood: failure === null,
      });
      return describeOutcome(failure);
    },
    findings: () => ({ responses, aheadSeconds }),
  };
}

/** Returns the error if it is a RetryableError. Rethrows any other error, because such an error is a bug. */
function requireRetryable(error: unknown): RetryableError {
  if (error instanceof RetryableError) return error;
  throw error;
}

function describeOutcome(failure: RetryableError | null): ProbeOutcome {
  if (failure === null) return { kind: "read" };
  if (failure instanceof UnexpectedResponseError)
    return { kind: failure.code === scopeMissingCode ? "forbidden" : "refused", fault: failure.verdict };
  if (failure.isRefusal) return { kind: "skipped", why: "rate_used_up" };
  const detail = `The portal failed: ${failure.message}.`;
  const remedy = failure.remedy ?? defaultRemedy;
  return { kind: "refused", fault: { code: unavailableCode, detail, remedy } };
}

const defaultRemedy =
  "Try again later; if it stays so, check that PORTAL_API_URL is the API's own address, and whether the portal is up.";

function readAheadSeconds(headers: Headers, now: Date): number | null {
  const portalMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(portalMs) ? null : Math.round((portalMs - now.getTime()) / 1000);
}

type ProbeStore = Pick<AppContext, "bucket" | "random">;

const ProbeObject = z.unknown();

/**
 * The maximum number of tries to write the test object. One try is not enough, because another check may write the
 * object at the same time.
 */
const maxTries = 3;

/**
 * Tests whether the storage supports conditional writes. Returns the fault; null when there is none. The storage must
 * accept a write with the object's current ETag. The storage must refuse a write with an outdated ETag, and a write
 * with `If-None-Match: *` when the object already exists.
 */
export async function findConditionFault(store: ProbeStore, key: string): Promise<CheckFault | null> {
  const write = createProbeWriter(store, key);
  let staleTag: string | null = null;
  let refused: CheckFault | null = null;
  for (let tries = 1; tries <= maxTries && staleTag === null; tries += 1) {
    const known = await store.bucket.readTagged(key, ProbeObject);
    const result = await write(known?.tag ?? null);
    if (result === true && known !== null) staleTag = known.tag;
    if (result !== true) refused = describeRefusedCondition(nameCondition(known?.tag ?? null), result);
  }
  if (staleTag === null) return refused;
  if ((await write(staleTag)) === true) return describeIgnoredCondition("If-Match");
  return (await write(null)) === true ? describeIgnoredCondition("If-None-Match") : null;
}

const nameCondition = (tag: string | null): WriteCondition => (tag === null ? "If-None-Match" : "If-Match");

/**
 * Returns a function that makes a conditional write. The condition is that the object has the ETag `tag`, or that the
 * object does not exist when `tag` is null. The function returns true when the storage accepts the write, and a
 * description of the refusal otherwise. It writes a random value, so that every write gives the object a new ETag.
 */
function createProbeWriter({ bucket, random }: ProbeStore, key: string) {
  return async (tag: string | null): Promise<true | string> => {
    try {
      return (await bucket.replaceJson(key, { probe: random.uuid() }, tag)) || "answered 412";
    } catch (error) {
      const refusal = describeUnsupportedCondition(error);
      if (refusal === null) throw error;
      return refusal;
    }
  };
}
