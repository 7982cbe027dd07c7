import type { Outcome } from "../../core/check/setup-check.ts";
import { type Heard, hearAnswers, type Limit, readPermit } from "../../core/rate-limit/rate-limit.ts";
import type { Attempt } from "../../adapters/portal/portal-client.ts";
import { unavailable } from "../../adapters/portal/response-errors--loss.ts";
import { scopeMissing } from "../../adapters/portal/response-errors.ts";
import { LostReply, OddReply, readRate, unknownRate } from "../../adapters/portal/rate-headers.ts";
import type { World } from "../context.ts";

export type Asked = {
  offers: Outcome;
  customers: Outcome;
  heard: Heard[];
  /** How far the portal's clock is ahead of the system's, in whole seconds as it tells its time. */
  aheadSeconds: number | null;
};

/** A caller waits for both answers. */
const patienceMs = 6_000;

/** One request for offers and, when the key is good, one for customers: each once, and only where the limit has room. */
export async function askPortal({ portal, clock }: World, limit: Limit): Promise<Asked> {
  const signal = AbortSignal.timeout(patienceMs);
  const heard: Heard[] = [];
  let aheadSeconds: number | null = null;

  async function ask(request: (attempt: Attempt) => Promise<unknown>): Promise<Outcome> {
    const now = () => clock.now();
    if (readPermit(hearAnswers(limit, heard), now()).requests === 0)
      return { kind: "skipped", why: "rate_used_up" };
    const sentMs = now();
    let rate = unknownRate;
    const hear = (headers: Headers) => {
      rate = readRate(headers);
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
  const customers: Outcome =
    offers.kind === "refused"
      ? { kind: "skipped", why: "key_needed" }
      : await ask((attempt) => portal.requestCustomers(1, attempt));
  return { offers, customers, heard, aheadSeconds };
}

/** A bug is thrown on. */
function toLoss(error: unknown): LostReply {
  if (error instanceof LostReply) return error;
  throw error;
}

function describeOutcome(lost: LostReply | null): Outcome {
  if (lost === null) return { kind: "read" };
  if (lost instanceof OddReply)
    return { kind: lost.code === scopeMissing ? "forbidden" : "refused", fault: lost.verdict };
  if (lost.isRefusal) return { kind: "skipped", why: "rate_used_up" };
  const detail = `The portal failed: ${lost.message}.`;
  return { kind: "refused", fault: { code: unavailable, detail, remedy: lost.remedy ?? defaultRemedy } };
}

const defaultRemedy =
  "Try again later; if it stays so, check that PORTAL_API_URL is the API's own address, and whether the portal is up.";

function readAhead(headers: Headers): number | null {
  const toldMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(toldMs) ? null : Math.round((toldMs - Date.now()) / 1000);
}
