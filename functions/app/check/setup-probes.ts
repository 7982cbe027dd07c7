import type { ProbeOutcome } from "../../core/check/setup-check.ts";
import { type HeardAnswer, hearAnswers, type RateLimit, readPermit } from "../../core/rate-limit/rate-limit.ts";
import type { RequestAttempt } from "../../adapters/portal/portal-client.ts";
import { unavailableCode } from "../../adapters/portal/response-errors--loss.ts";
import { scopeMissingCode } from "../../adapters/portal/response-errors.ts";
import { RetryableError, OddAnswerError, readRateHeaders, unknownRateHeaders } from "../../adapters/portal/rate-headers.ts";
import type { AppContext } from "../context.ts";

export type ProbeResults = {
  offers: ProbeOutcome;
  customers: ProbeOutcome;
  heard: HeardAnswer[];
  /** How far the portal's clock is ahead of the system's, in whole seconds as it tells its time. */
  aheadSeconds: number | null;
};

/** A caller waits for both answers. */
const patienceMs = 6_000;

/** One request for offers and, when the key is good, one for customers: each once, and only where the limit has room. */
export async function probePortal({ portal, clock }: AppContext, limit: RateLimit): Promise<ProbeResults> {
  const signal = AbortSignal.timeout(patienceMs);
  const heard: HeardAnswer[] = [];
  let aheadSeconds: number | null = null;

  async function ask(request: (attempt: RequestAttempt) => Promise<unknown>): Promise<ProbeOutcome> {
    const now = () => clock.now();
    if (readPermit(hearAnswers(limit, heard), now()).requests === 0)
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
