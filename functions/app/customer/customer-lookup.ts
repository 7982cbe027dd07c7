import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { Timer } from "../../adapters/clock/clock.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import type { CustomerPortal } from "../../adapters/portal/portal-client.ts";
import { keyRefusedCode, notApiCode, scopeMissingCode } from "../../adapters/portal/portal-errors.ts";
import type { ClientQueue } from "../../adapters/portal/request-retries.ts";
import { namesKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { Customer } from "../../core/customer/customer.ts";
import {
  addLookupResult,
  emptyNameCache,
  type LookupResult,
  NameCache,
} from "../../core/customer/name-cache.ts";
import {
  type CustomerPage,
  type LookupRequest,
  type NameLookup,
  noteCustomerPages,
  noteLookupAnswer,
  noteLookupFailure,
  noteLookupWindow,
  planLookups,
} from "../../core/customer/name-lookup.ts";
import { maxRequestsAtOnce, portalClosedCode } from "../../core/rate-limit/request-permits.ts";
import type { StateStore } from "../context.ts";

/**
 * The limits of one window of a lookup. The names are saved only when the window ends, so with these limits a crash
 * loses few names, even when the rate limit is high.
 */
const maxWindowMs = 120_000;
const maxRequests = 400;

type LookupWindow = { naming: NameLookup; found: Customer[]; left: ReadonlySet<string> };

type Lookup = { naming: NameLookup; missing: ReadonlySet<string>; queue: ClientQueue; clock: Timer };

/**
 * Looks up customers' missing names until the requests of one window are used up. When the rate limit ends the window
 * early, returns the names found so far.
 */
export async function lookUpNames(portal: CustomerPortal, lookup: Lookup): Promise<LookupWindow> {
  const { naming: before, queue, clock } = lookup;
  const untilMs = clock.now() + maxWindowMs;
  const left = new Set(lookup.missing);
  const found: Customer[] = [];
  let naming = before;
  let isOpen = true;
  while (isOpen && left.size > 0) {
    const atOnce = Math.min(maxRequestsAtOnce, Math.max(1, queue.permits()));
    const requests = planLookups(naming, left, atOnce);
    const outcomes = await Promise.all(requests.map((request) => attempt(request, portal, queue)));
    for (const customer of outcomes.flatMap(({ answer }) => answer?.customers ?? [])) {
      found.push(customer);
      left.delete(customer.id);
    }
    naming = {
      ...noteOutcomes(naming, outcomes),
      requests: before.requests + queue.requests(),
      refusals: before.refusals + queue.refusals(),
    };
    isOpen =
      requests.length > 0 &&
      naming.trouble === null &&
      !outcomes.some(({ error }) => error instanceof WindowBroken) &&
      clock.now() < untilMs &&
      queue.requests() < maxRequests;
  }
  return { naming: noteLookupWindow(naming, found.length, left), found, left };
}

type Answer = { customers: Customer[]; page: CustomerPage | null };

type Outcome = { request: LookupRequest; answer: Answer | null; error: unknown };

async function attempt(request: LookupRequest, portal: CustomerPortal, queue: ClientQueue): Promise<Outcome> {
  try {
    return { request, answer: await ask(request, portal, queue), error: null };
  } catch (error) {
    return { request, answer: null, error };
  }
}

async function ask(request: LookupRequest, portal: CustomerPortal, queue: ClientQueue): Promise<Answer> {
  if ("page" in request) {
    const page = await queue.send((options) => portal.requestCustomers(request.page, options));
    return { customers: page.customers, page };
  }
  const customer = await queue.send((options) => portal.requestCustomer(request.id, options));
  return { customers: [customer ?? { id: request.id, name: null }], page: null };
}

/**
 * Returns true for an empty last page of the list of customers, when a request has failed before and none has been
 * answered. The page then counts as another failure, because the portal has not shown any customer yet.
 */
function isEmptyEnd({ isAnswered, failures }: NameLookup, { answer }: Outcome): boolean {
  const { page = null } = answer ?? {};
  return !isAnswered && failures > 0 && page !== null && page.isLast && page.customers.length === 0;
}

const emptyEndError = new ExportError(
  "portal",
  notApiCode,
  "The list of customers ends before anything of it was seen.",
);

function noteOutcomes(naming: NameLookup, given: Outcome[]): NameLookup {
  const outcomes = given.map((outcome) =>
    isEmptyEnd(naming, outcome) ? { ...outcome, answer: null, error: emptyEndError } : outcome,
  );
  const pages = outcomes.map(({ answer }) => answer?.page ?? null).filter((page) => page !== null);
  const failedPages = outcomes
    .filter(({ error }) => error !== null && !(error instanceof WindowBroken))
    .flatMap(({ request }) => ("page" in request ? [request.page] : []));
  return noteCustomerPages(outcomes.reduce(noteOutcome, naming), pages, failedPages);
}

/** Adds the outcome of one request to the state of the lookup. Throws an error that the portal has not caused. */
function noteOutcome(naming: NameLookup, { request, answer, error }: Outcome): NameLookup {
  if (answer !== null) return noteLookupAnswer(naming);
  if (error instanceof WindowBroken) return naming;
  if (!(error instanceof ExportError) || error.kind !== "portal") throw error;
  if (finalCodes.has(error.code)) return { ...naming, trouble: "portal" };
  return noteLookupFailure(naming, request, error.code === scopeMissingCode);
}

/** Codes of errors that end the lookup, because every further request would fail in the same way. */
const finalCodes: ReadonlySet<string> = new Set([keyRefusedCode, portalClosedCode]);

/**
 * The schema of the stored cache. A cache counts as empty when another version of this program stored it in another
 * shape.
 */
const Stored = NameCache.catch(emptyNameCache);

export async function readNameCache({ bucket, config }: StateStore): Promise<NameCache> {
  return (await bucket.readJson(namesKey(hashPortal(config)), Stored)) ?? emptyNameCache;
}

/**
 * Adds the names to the cache with a conditional write. `askedMs` is the time at which the names were requested. Keeps
 * a cached name that was requested after this time.
 */
export async function saveNames(
  { bucket, config }: StateStore,
  result: LookupResult,
  askedMs: number,
): Promise<void> {
  await bucket.update(namesKey(hashPortal(config)), Stored, (before) => ({
    after: addLookupResult(before ?? emptyNameCache, result, askedMs),
    answer: null,
  }));
}
