import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { Timer } from "../../adapters/clock/clock.ts";
import { WindowBroken } from "../../adapters/portal/limiter.ts";
import type { CustomerPortal } from "../../adapters/portal/portal-client.ts";
import { type ClientQueue, maxRequestsAtOnce } from "../../adapters/portal/request-retries.ts";
import { keyRefusedCode, notApiCode, scopeMissingCode } from "../../adapters/portal/response-errors.ts";
import { namesKey } from "../../core/basics/bucket-keys.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { Customer } from "../../core/customer/customer.ts";
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
import {
  addLookupResult,
  emptyNameCache,
  type LookupResult,
  NameCache,
} from "../../core/customer/name-cache.ts";
import { portalClosedCode } from "../../core/rate-limit/rate-limit.ts";
import type { StateStore } from "../context.ts";

/** What a window brings is kept at its end: so soon, and after so many requests, where the limit is high. */
const maxWindowMs = 120_000;
const maxRequests = 400;

export type LookupWindow = { naming: NameLookup; found: Customer[]; left: ReadonlySet<string> };

type Asking = { naming: NameLookup; missing: ReadonlySet<string>; queue: ClientQueue; clock: Timer };

/** Asks for the missing customers until the rate limit's window is used up. Unlike pages of offers each answer counts. */
export async function lookUpNames(portal: CustomerPortal, asking: Asking): Promise<LookupWindow> {
  const { naming: begun, queue, clock } = asking;
  const untilMs = clock.now() + maxWindowMs;
  const left = new Set(asking.missing);
  const found: Customer[] = [];
  let naming = begun;
  let isOpen = true;
  while (isOpen && left.size > 0) {
    const atOnce = Math.min(maxRequestsAtOnce, Math.max(1, queue.permits()));
    const questions = planLookups(naming, left, atOnce);
    const outcomes = await Promise.all(questions.map((question) => attempt(question, portal, queue)));
    for (const customer of outcomes.flatMap(({ answer }) => answer?.customers ?? [])) {
      found.push(customer);
      left.delete(customer.id);
    }
    naming = {
      ...noteOutcomes(naming, outcomes),
      requests: begun.requests + queue.requests(),
      refusals: begun.refusals + queue.refusals(),
    };
    isOpen =
      questions.length > 0 &&
      naming.trouble === null &&
      !outcomes.some(({ error }) => error instanceof WindowBroken) &&
      clock.now() < untilMs &&
      queue.requests() < maxRequests;
  }
  return { naming: noteLookupWindow(naming, found.length, left), found, left };
}

type Answer = { customers: Customer[]; page: CustomerPage | null };

type Outcome = { question: LookupRequest; answer: Answer | null; error: unknown };

async function attempt(
  question: LookupRequest,
  portal: CustomerPortal,
  queue: ClientQueue,
): Promise<Outcome> {
  try {
    return { question, answer: await ask(question, portal, queue), error: null };
  } catch (error) {
    return { question, answer: null, error };
  }
}

async function ask(question: LookupRequest, portal: CustomerPortal, queue: ClientQueue): Promise<Answer> {
  if ("page" in question) {
    const page = await queue.ask((request) => portal.requestCustomers(question.page, request));
    return { customers: page.customers, page };
  }
  const customer = await queue.ask((request) => portal.requestCustomer(question.id, request));
  return { customers: [customer ?? { id: question.id, name: null }], page: null };
}

/** Where page 1 has failed and nothing was answered, an end before anything else is the same failure. */
function isHollow({ isAnswered, failures }: NameLookup, { answer }: Outcome): boolean {
  const { page = null } = answer ?? {};
  return !isAnswered && failures > 0 && page !== null && page.isLast && page.customers.length === 0;
}

const hollow = new ExportError(
  "portal",
  notApiCode,
  "The list of customers ends before anything of it was seen.",
);

function noteOutcomes(naming: NameLookup, heard: Outcome[]): NameLookup {
  const outcomes = heard.map((outcome) =>
    isHollow(naming, outcome) ? { ...outcome, answer: null, error: hollow } : outcome,
  );
  const pages = outcomes.map(({ answer }) => answer?.page ?? null).filter((page) => page !== null);
  const failedPages = outcomes
    .filter(({ error }) => error !== null && !(error instanceof WindowBroken))
    .flatMap(({ question }) => ("page" in question ? [question.page] : []));
  return noteCustomerPages(outcomes.reduce(noteOutcome, naming), pages, failedPages);
}

/** Throws what is no failure of the portal. */
function noteOutcome(naming: NameLookup, { question, answer, error }: Outcome): NameLookup {
  if (answer !== null) return noteLookupAnswer(naming);
  if (error instanceof WindowBroken) return naming;
  if (!(error instanceof ExportError) || error.kind !== "portal") throw error;
  if (finalCodes.has(error.code)) return { ...naming, trouble: "portal" };
  return noteLookupFailure(naming, question, error.code === scopeMissingCode);
}

/** Of failures that are no question's own. */
const finalCodes: ReadonlySet<string> = new Set([keyRefusedCode, portalClosedCode]);

/** One that another version wrote in another shape is begun anew. */
const Stored = NameCache.catch(emptyNameCache);

export async function readNameCache({ bucket, config }: StateStore): Promise<NameCache> {
  return (await bucket.readJson(namesKey(hashPortal(config)), Stored)) ?? emptyNameCache;
}

/** Adds to the names whatever others add to them meanwhile. Asked for at that moment: who asked later is right. */
export async function saveNames(
  { bucket, config }: StateStore,
  found: LookupResult,
  askedMs: number,
): Promise<void> {
  await bucket.update(namesKey(hashPortal(config)), Stored, (before) => ({
    after: addLookupResult(before ?? emptyNameCache, found, askedMs),
    answer: null,
  }));
}
