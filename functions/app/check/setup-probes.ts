import { randomUUID } from "node:crypto";
import { S3ServiceException } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import type { RequestAttempt } from "../../adapters/portal/portal-client.ts";
import {
  OddAnswerError,
  readRateHeaders,
  RetryableError,
  unknownRateHeaders,
} from "../../adapters/portal/rate-headers.ts";
import { scopeMissingCode, unavailableCode } from "../../adapters/portal/response-errors.ts";
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
  heard: AnsweredRequest[];
  /** How far the portal's clock is ahead of the system's, in whole seconds as it tells its time. */
  aheadSeconds: number | null;
};

/** A caller waits for both answers. */
const patienceMs = 6_000;

/** One request for offers and, when the key is good, one for customers: each once, and only where the limit has room. */
export async function probePortal({ portal, clock }: AppContext, limit: RateLimit): Promise<ProbeResults> {
  const signal = AbortSignal.timeout(patienceMs);
  const heard: AnsweredRequest[] = [];
  let aheadSeconds: number | null = null;

  async function ask(request: (attempt: RequestAttempt) => Promise<unknown>): Promise<ProbeOutcome> {
    const now = () => clock.now();
    if (readPermit(noteAnsweredRequests(limit, heard), now()).requests === 0)
      return { kind: "skipped", why: "rate_used_up" };
    const sentMs = now();
    let rate = unknownRateHeaders;
    const hear = (headers: Headers) => {
      rate = readRateHeaders(headers);
      aheadSeconds = readAhead(headers);
    };
    const lost = await request({ now, signal, hear }).then(() => null, toLoss);
    const closing = { isClosed: lost?.isClosed ?? false, retryAtMs: lost?.retryAtMs ?? null };
    const isOutage = lost?.isRefusal === false;
    heard.push({ sentMs, nowMs: now(), ...rate, ...closing, isOutage, isGood: lost === null });
    return describeOutcome(lost);
  }

  const offers = await ask((attempt) => portal.requestPage(1, attempt));
  if (offers.kind === "skipped") return { offers, customers: offers, heard, aheadSeconds };
  const customers: ProbeOutcome =
    offers.kind === "refused"
      ? { kind: "skipped", why: "key_needed" }
      : await ask((attempt) => portal.requestCustomers(1, attempt));
  return { offers, customers, heard, aheadSeconds };
}

/** A bug is thrown on. */
function toLoss(error: unknown): RetryableError {
  if (error instanceof RetryableError) return error;
  throw error;
}

function describeOutcome(lost: RetryableError | null): ProbeOutcome {
  if (lost === null) return { kind: "read" };
  if (lost instanceof OddAnswerError)
    return { kind: lost.code === scopeMissingCode ? "forbidden" : "refused", fault: lost.verdict };
  if (lost.isRefusal) return { kind: "skipped", why: "rate_used_up" };
  const detail = `The portal failed: ${lost.message}.`;
  return { kind: "refused", fault: { code: unavailableCode, detail, remedy: lost.remedy ?? defaultRemedy } };
}

const defaultRemedy =
  "Try again later; if it stays so, check that PORTAL_API_URL is the API's own address, and whether the portal is up.";

function readAhead(headers: Headers): number | null {
  const toldMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(toldMs) ? null : Math.round((toldMs - Date.now()) / 1000);
}

const Probe = z.unknown();

/** What another check of the same moment may come between. */
const maxTries = 3;

/**
 * What the storage does wrong with conditional writes, or null: one that holds must be taken, one with a tag of
 * before and one over what is there must not. It takes four requests, two more the first time.
 */
export async function findConditionFault(bucket: Bucket, key: string): Promise<CheckFault | null> {
  const write = writeAt(bucket, key);
  let staleTag: string | null = null;
  let refused: CheckFault | null = null;
  for (let tries = 1; tries <= maxTries && staleTag === null; tries += 1) {
    const known = await bucket.readTagged(key, Probe);
    const taken = await write(known?.tag ?? null);
    if (taken === true && known !== null) staleTag = known.tag;
    if (taken !== true) refused = describeRefusedCondition(nameCondition(known?.tag ?? null), taken);
  }
  if (staleTag === null) return refused;
  if ((await write(staleTag)) === true) return describeIgnoredCondition("If-Match");
  return (await write(null)) === true ? describeIgnoredCondition("If-None-Match") : null;
}

const nameCondition = (tag: string | null): WriteCondition => (tag === null ? "If-None-Match" : "If-Match");

/** Of what is written each time is another, so each write has a tag of its own. */
function writeAt(bucket: Bucket, key: string) {
  return async (tag: string | null): Promise<true | string> => {
    try {
      return (await bucket.replaceJson(key, { probe: randomUUID() }, tag)) || "answered 412";
    } catch (error) {
      const answer = findRefusal(error);
      if (answer === null) throw error;
      return answer;
    }
  };
}

/** The statuses by which a server says that it does not know a header. */
const unknownStatuses = new Set([400, 405, 501]);

/** What the storage answered to a conditional write that it does not know as such; null for any other failure. */
export function findRefusal(error: unknown): string | null {
  const cause = error instanceof ExportError ? error.cause : null;
  if (!(cause instanceof S3ServiceException)) return null;
  const { httpStatusCode: status = 0 } = cause.$metadata;
  return unknownStatuses.has(status) ? `answered ${status} ${cause.name}` : null;
}
