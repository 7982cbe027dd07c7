import { randomUUID } from "node:crypto";
import { S3ServiceException } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { RequestAttempt } from "../../adapters/portal/portal-client.ts";
import {
  RetryableError,
  scopeMissingCode,
  unavailableCode,
  UnexpectedResponseError,
} from "../../adapters/portal/portal-errors.ts";
import { readRateHeaders, unknownRateHeaders } from "../../adapters/portal/response-headers.ts";
import { ExportError } from "../../core/basics/errors.ts";
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
  /** How far the portal's clock is ahead of ours. Whole seconds, since the header `Date` has no fractions. */
  aheadSeconds: number | null;
};

/** The limit for both requests together. It is short, since a caller waits. */
const timeoutMs = 6_000;

/**
 * Requests one page of offers and, when the key works, one page of customers. Keeps within the rate limit, and sends
 * no request twice.
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

/** Sends requests one after the other, and collects what their responses say about rate limit and clock. */
function createProbe({ clock }: AppContext, limit: RateLimit): Probe {
  const signal = AbortSignal.timeout(timeoutMs);
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
        aheadSeconds = readAheadSeconds(headers);
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

/** Rethrows any other error, since it is a bug. */
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

function readAheadSeconds(headers: Headers): number | null {
  const portalMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(portalMs) ? null : Math.round((portalMs - Date.now()) / 1000);
}

const ProbeObject = z.unknown();

/** More than one, since another check may write the object at the same time. */
const maxTries = 3;

/**
 * Tests conditional writes and returns the fault, or null. The storage must accept a write with the current ETag. It
 * must refuse a write with an outdated ETag, and one with `If-None-Match: *` for the object that exists. Sends four
 * requests, or six when the object is new.
 */
export async function findConditionFault(bucket: Bucket, key: string): Promise<CheckFault | null> {
  const write = createProbeWriter(bucket, key);
  let staleTag: string | null = null;
  let refused: CheckFault | null = null;
  for (let tries = 1; tries <= maxTries && staleTag === null; tries += 1) {
    const known = await bucket.readTagged(key, ProbeObject);
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
 * Returns a function that writes a random value under a condition, so that every write gets a new ETag. It returns
 * true when the write was accepted, else a description of the refusal.
 */
function createProbeWriter(bucket: Bucket, key: string) {
  return async (tag: string | null): Promise<true | string> => {
    try {
      return (await bucket.replaceJson(key, { probe: randomUUID() }, tag)) || "answered 412";
    } catch (error) {
      const refusal = describeUnsupportedCondition(error);
      if (refusal === null) throw error;
      return refusal;
    }
  };
}

/** Servers that do not support a header respond with one of these. */
const unknownStatuses = new Set([400, 405, 501]);

/** Describes the response of a storage that does not support conditional writes; null for any other failure. */
export function describeUnsupportedCondition(error: unknown): string | null {
  const cause = error instanceof ExportError ? error.cause : null;
  if (!(cause instanceof S3ServiceException)) return null;
  const { httpStatusCode: status = 0 } = cause.$metadata;
  return unknownStatuses.has(status) ? `answered ${status} ${cause.name}` : null;
}
