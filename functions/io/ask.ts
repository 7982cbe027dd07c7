import type { Customer } from "../core/customer.ts";
import { ExportError } from "../core/error.ts";
import {
  type CustomerPage,
  type Naming,
  notePages,
  noteWindow,
  planQuestions,
  type Question,
  type Trouble,
} from "../core/naming.ts";
import type { Timer } from "./clock.ts";
import { WindowBroken } from "./gate.ts";
import { type Line, mostAtOnce } from "./line.ts";
import type { CustomerPortal } from "./portal.ts";
import { scopeMissing } from "./refusal.ts";

/** What a window brings is kept at its end: so soon, and after so many requests, where the limit is high. */
const mostWindowMs = 120_000;
const mostRequests = 400;

export type NamesRead = { naming: Naming; found: Customer[]; left: ReadonlySet<string> };

type Asking = { naming: Naming; missing: ReadonlySet<string>; line: Line; clock: Timer };

/** Asks for the missing customers until the rate limit's window is used up. Unlike pages of offers each answer counts. */
export async function askNames(portal: CustomerPortal, asking: Asking): Promise<NamesRead> {
  const { naming: begun, line, clock } = asking;
  const untilMs = clock.now() + mostWindowMs;
  const left = new Set(asking.missing);
  const found: Customer[] = [];
  let naming = begun;
  let isOpen = true;
  while (isOpen && left.size > 0) {
    const atOnce = Math.min(mostAtOnce, Math.max(1, line.permits()));
    const { answers, failures } = await askAll(planQuestions(naming, left, atOnce), portal, line);
    for (const customer of answers.flatMap(({ customers }) => customers)) {
      found.push(customer);
      left.delete(customer.id);
    }
    const pages = answers.map(({ page }) => page).filter((page) => page !== null);
    const trouble = findTrouble(failures);
    naming = notePages({ ...naming, requests: begun.requests + line.requests(), trouble }, pages);
    isOpen = failures.length === 0 && clock.now() < untilMs && line.requests() < mostRequests;
  }
  return { naming: naming.trouble === null ? noteWindow(naming, found.length) : naming, found, left };
}

type Answer = { customers: Customer[]; page: CustomerPage | null };

async function askAll(questions: Question[], portal: CustomerPortal, line: Line) {
  const outcomes = await Promise.allSettled(questions.map((question) => ask(question, portal, line)));
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") answers.push(outcome.value);
    else failures.push(outcome.reason);
  }
  return { answers, failures };
}

async function ask(question: Question, portal: CustomerPortal, line: Line): Promise<Answer> {
  if ("page" in question) {
    const page = await line.ask((attempt) => portal.requestCustomers(question.page, attempt));
    return { customers: page.customers, page };
  }
  const customer = await line.ask((attempt) => portal.requestCustomer(question.id, attempt));
  return { customers: [customer ?? { id: question.id, name: null }], page: null };
}

/** Null when nothing failed but the rate limit's window; throws what is no failure of the portal. */
function findTrouble(failures: unknown[]): Trouble | null {
  const failure = failures.find((error) => !(error instanceof WindowBroken));
  if (failure === undefined) return null;
  if (!(failure instanceof ExportError) || failure.kind !== "portal") throw failure;
  return failure.code === scopeMissing ? "scope" : "portal";
}
