import type { FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import { describeError, outageMs, type PortalError, type PortalRates, tellLie } from "./portal-faults.ts";
import {
  drawHabits,
  encodeText,
  type ListedPage,
  nameContentType,
  type PortalHabits,
  writePage,
} from "./portal-habits.ts";
import { type LimitSettings, openPortalLimits, type Ticket } from "./portal-limits.ts";
import { type ListOrder, openListTruth, openPortalList, type PortalEvent } from "./portal-list.ts";
import { listCustomers } from "./portal-offers.ts";
import { createSeededRandom } from "./seeded-random.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { connectionError } from "./s3-commands.ts";
import { cancelEvent, type VirtualClock } from "./virtual-clock.ts";

export type PortalScope = "offers.read" | "customers.read";

export type PortalSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  seed: string;
  rates: PortalRates;
  key: string;
  /** The number of offers at the beginning. `drawPortalPlan` draws it, and the settings below. */
  size: number;
  order: ListOrder;
  grows: "near" | "far";
  habits: PortalHabits;
  limit: LimitSettings;
  scopes: readonly PortalScope[];
  /** The portal's clock is ahead by this much. */
  skewMs: number;
};

export type PortalPlan = Pick<
  PortalSettings,
  "size" | "order" | "grows" | "habits" | "limit" | "scopes" | "skewMs"
>;

/** Draws what a portal is like, within what reports assume. */
export function drawPortalPlan(seed: string): PortalPlan {
  const random = createSeededRandom(`${seed} portal`);
  return {
    size: 1_000 + Math.floor(2_000 * random.next() ** 3),
    order: "stable",
    grows: random.next() < 0.7 ? "near" : "far",
    habits: drawHabits(random),
    limit: {
      kind: random.pick(["fixed", "rolling"]),
      limit: random.pick([60, 60, 60, 120, 40]),
      windowMs: 60_000,
      headers: random.pick(["all", "all", "all", "all", "remaining", "limit", "none", "wrong"]),
      pause: random.pick(["seconds", "seconds", "date", "none"]),
      others: random.next() < 0.3 ? 1 + random.draw(20) : 0,
    },
    scopes: random.next() < 0.8 ? ["offers.read", "customers.read"] : ["offers.read"],
    skewMs: random.draw(60_000) - 30_000,
  };
}

export type SimulatedPortal = ReturnType<typeof openSimulatedPortal>;

const pageSize = 15;
const delaysMs = { min: 10, max: 300 };
/** The connection is given up without an answer after this time. The client's own timeout is shorter. */
const silenceMs = 120_000;
/** Of 1,000 changes while nobody reads the list. */
const lifeRates = { insert: 350, delete: 100, decide: 400, correct: 40, import: 8, purge: 4 };
const lieGapMs = 12 * 3_600_000;

type Answer = {
  status: number;
  contentType: string;
  body: string | Uint8Array<ArrayBuffer>;
  headers: [string, string][];
  /** True when the headers state what is left of the limit. */
  isStated: boolean;
  pausedUntilMs: number | null;
  failure: NonNullable<ReturnType<typeof describeError>["failure"]> | null;
  note: string;
};

/** Opens a portal whose list changes, whose limit holds, and whose answers go wrong by the rates. */
export function openSimulatedPortal(settings: PortalSettings) {
  const { clock, faults, trace, rates, seed, habits, skewMs } = settings;
  const watchers: ((event: PortalEvent) => void)[] = [];
  const emit = (event: PortalEvent) => {
    trace.note("portal", `${event.type} ${event.id}`);
    for (const see of watchers) see(event);
  };
  const { size, order, grows } = settings;
  const list = openPortalList({ seed, size, order, grows, faults, skewMs, emit, startMs: clock.now() });
  const limits = openPortalLimits(settings.limit, seed, skewMs);
  let scopes: readonly PortalScope[] = settings.scopes;
  let isKeyValid = true;
  let outage: { kind: PortalError; untilMs: number } | null = null;
  let lieAllowedMs = -Infinity;
  let requests = 0;

  function takeRequest(ticket: Ticket, url: URL, authorization: string): Answer {
    const nowMs = clock.now();
    requests += 1;
    list.stir(rates.changes, nowMs);
    const kind = drawError(url, nowMs);
    const error = kind === null ? null : describeError(kind);
    const plain: Answer = {
      status: error?.status ?? 200,
      contentType: error?.contentType ?? "application/json",
      body: error?.body ?? "",
      headers: error?.headers?.(nowMs + skewMs) ?? [],
      isStated: false,
      pausedUntilMs: error?.pauseMs === undefined ? null : nowMs + error.pauseMs,
      failure: error?.failure ?? null,
      note: kind === null ? "" : ` (${kind})`,
    };
    if (error?.isCounted === false) return plain;
    if (!isKeyValid || authorization !== `Bearer ${settings.key}`)
      return { ...plain, ...refuse(401, "Unauthenticated.") };
    const { isAllowed, headers, pausedUntilMs } = limits.admit(ticket, nowMs);
    const stated = { ...plain, headers: [...headers, ...plain.headers], isStated: true };
    if (!isAllowed)
      return {
        ...stated,
        ...refuse(429, "Too many requests."),
        failure: null,
        pausedUntilMs,
        note: " (limit)",
      };
    if (error !== null && error.body !== undefined) return stated;
    return { ...stated, ...answer(url, nowMs) };
  }

  function drawError(url: URL, nowMs: number): PortalError | null {
    const begun = faults.drawFault("portal outage", rates.outages);
    if (begun !== null && outage === null) {
      const untilMs = nowMs + faults.drawDelayMs("portal outage", outageMs.min, outageMs.max);
      outage = { kind: begun, untilMs };
      trace.note("portal", `begins to answer ${begun}`);
    }
    if (outage !== null && nowMs >= outage.untilMs) outage = null;
    return (
      faults.drawFault(`portal error ${url.pathname}${url.search}`, rates.errors) ?? outage?.kind ?? null
    );
  }

  /** Answers a request that nothing hinders. */
  function answer(url: URL, nowMs: number): Pick<Answer, "status" | "contentType" | "body" | "note"> {
    const [, resource = "", id] = url.pathname.split("/");
    const scope = resource === "customer-offers" ? "offers.read" : "customers.read";
    if (resource !== "customer-offers" && resource !== "customers") return refuse(404, "Not found.");
    if (!scopes.includes(scope)) return refuse(403, "Invalid scope(s) provided.");
    const isOffers = resource === "customer-offers";
    if (id !== undefined) return isOffers ? showOffer(id, nowMs) : showCustomer(id);
    const number = Number(url.searchParams.get("page") ?? 1);
    return isOffers ? showOffers(number, url, nowMs) : showCustomers(number, url);
  }

  const mayLie = (nowMs: number) => nowMs >= lieAllowedMs;
  const noteLie = (nowMs: number) => void (lieAllowedMs = nowMs + lieGapMs);

  function showOffer(id: string, nowMs: number) {
    const offer = list.find(id);
    const lie = faults.drawFault("portal offer", { gone: rates.goneOffers });
    const isGone = offer === null || offer.toMs <= nowMs;
    if (isGone) return refuse(404, "Not found.");
    if (lie !== null && mayLie(nowMs)) {
      noteLie(nowMs);
      return { ...refuse(404, "Not found."), note: " (lie: gone)" };
    }
    return succeed(habits.isItemWrapped ? `{"data":${offer.current.text}}` : offer.current.text);
  }

  function showCustomer(id: string) {
    const customer = listCustomers().find((other) => other.id === id);
    if (customer === undefined) return refuse(404, "Not found.");
    return succeed(habits.isItemWrapped ? `{"data":${customer.text}}` : customer.text);
  }

  function showOffers(number: number, url: URL, nowMs: number) {
    const readRows = (page: number) =>
      list.slice((page - 1) * pageSize, page * pageSize).map(({ current }) => current.text);
    const readStale = () =>
      list.sliceEarlier((number - 1) * pageSize, number * pageSize)?.map(({ current }) => current.text) ??
      null;
    const total = list.length();
    const kind = faults.drawFault(`portal lie ${number}`, rates.lies);
    const page = describePage(number, readRows(number), total);
    const told = kind === null || !mayLie(nowMs) ? null : tellLie(kind, { page, readRows, readStale });
    if (kind === null || told === null) return showPage(page, url, total, readRows);
    noteLie(nowMs);
    const note = ` (lie: ${kind})`;
    if ("status" in told) return { ...refuse(told.status, "Not found."), note };
    return { ...succeed(writePage(told, habits, origin(url))), note };
  }

  function showCustomers(number: number, url: URL) {
    const customers = listCustomers();
    const readRows = (page: number) =>
      customers.slice((page - 1) * pageSize, page * pageSize).map(({ text }) => text);
    return showPage(
      describePage(number, readRows(number), customers.length),
      url,
      customers.length,
      readRows,
    );
  }

  function showPage(page: ListedPage, url: URL, total: number, readRows: (page: number) => string[]) {
    const { beyond } = habits;
    if (page.rows.length > 0 || page.number === 1) return succeed(writePage(page, habits, origin(url)));
    if (typeof beyond === "number") return refuse(beyond, "The page does not exist.");
    const last = Math.max(1, Math.ceil(total / pageSize));
    const shown =
      beyond === "page 1" || beyond === "page 1 as such" ? 1 : beyond === "last page" ? last : page.number;
    const rows = readRows(shown);
    const described = { ...describePage(shown, rows, total), hasNext: beyond === "empty, announcing" };
    const number = beyond === "page 1 as such" ? 1 : page.number;
    return succeed(writePage({ ...described, number }, habits, origin(url)));
  }

  function describePage(number: number, rows: readonly string[], total: number): ListedPage {
    const start = (number - 1) * pageSize;
    const hasRows = rows.length > 0;
    return {
      number,
      rows,
      from: hasRows ? start + 1 : null,
      to: hasRows ? start + rows.length : null,
      hasNext: total > start + pageSize && number !== habits.falseLast,
    };
  }

  function succeed(text: string) {
    return { status: 200, contentType: nameContentType(habits), body: encodeText(text, habits), note: "" };
  }

  /** Sends one request of a process. */
  async function request(process: SimulatedProcess, input: string, init: RequestInit): Promise<Response> {
    const url = new URL(input);
    const target = `${url.pathname}${url.search}`;
    const ticket = limits.send(process.name, target, clock.now());
    let got: Answer | null = null;
    try {
      got = await exchange(ticket, url, init);
      await process.pass();
    } catch (error) {
      await process.pass();
      trace.note(process.name, `GET ${target} -> ${String(error)}`);
      throw error;
    } finally {
      const isStated = got?.isStated ?? false;
      limits.receive(ticket, { isStated, pausedUntilMs: got?.pausedUntilMs ?? null }, clock.now());
    }
    trace.note(process.name, `GET ${target} -> ${got.status}${got.note}`);
    return makeResponse(got, clock.now() + skewMs);
  }

  /** Carries a request to the portal and its answer back, unless the client gives up before. */
  function exchange(ticket: Ticket, url: URL, { signal, headers }: RequestInit): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const authorization = readHeader(headers, "authorization");
    const answerMs = faults.drawDelayMs("portal", delaysMs.min, delaysMs.max);
    let event = clock.schedule(faults.drawDelayMs("portal", delaysMs.min, delaysMs.max), arrive);

    function arrive(): void {
      const outcome = takeRequest(ticket, url, authorization);
      const { failure } = outcome;
      if (failure === "silence") event = clock.schedule(silenceMs, () => fail("UND_ERR_HEADERS_TIMEOUT"));
      else if (failure === null || failure === "cut" || failure === "cut text")
        event = clock.schedule(answerMs, () => settle(() => resolve(outcome)));
      else {
        const code = failure === "unsent" || failure === "unanswered" ? "ECONNRESET" : failure;
        event = clock.schedule(answerMs, () => fail(code));
      }
    }

    function fail(code: string): void {
      settle(() => reject(new TypeError("fetch failed", { cause: connectionError(code) })));
    }

    function settle(end: () => void): void {
      signal?.removeEventListener("abort", giveUp);
      end();
    }

    /** The portal still takes a request that is under way, and nobody gets the answer. */
    function giveUp(): void {
      const reason: unknown = signal?.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    }

    if (signal?.aborted) {
      cancelEvent(event);
      giveUp();
    }
    signal?.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  return {
    /** Returns the function by which a process sends its requests. */
    serve(process: SimulatedProcess): typeof fetch {
      return async (input, init = {}) => {
        if (typeof input !== "string") throw new TypeError("The simulated portal takes addresses as texts.");
        return await request(process, input, init);
      };
    },
    /**
     * Lets the list change until `untilMs` also while nobody reads it, once in `gapMs` on average. Faults draw what
     * happens, so each change can be left out.
     */
    live(untilMs: number, gapMs: number): void {
      const next = () => {
        const waitMs = faults.drawDelayMs("portal life", 1, gapMs * 4);
        if (clock.now() + waitMs > untilMs) return;
        clock.schedule(waitMs, () => {
          list.stir(lifeRates, clock.now());
          next();
        });
      };
      next();
    },
    list,
    truth: openListTruth(list),
    limits,
    requests: () => requests,
    /** Calls `see` after each change of which the portal sends a webhook. */
    watch: (see: (event: PortalEvent) => void) => void watchers.push(see),
    /** Replaces the key's scopes. Null withdraws the key. */
    grant(granted: readonly PortalScope[] | null) {
      isKeyValid = granted !== null;
      scopes = granted ?? [];
    },
  };
}

function origin(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function refuse(status: number, message: string) {
  const body = JSON.stringify({ code: status, message });
  return { status, contentType: "application/json", body, note: "" };
}

function readHeader(headers: RequestInit["headers"], name: string): string {
  if (headers === undefined || headers instanceof Headers || Array.isArray(headers))
    throw new TypeError("The simulated portal takes headers as an object.");
  return headers[name] ?? "";
}

/** The parts of a response that the portal's client reads. A real one takes five times as long to make. */
type LightResponse = {
  status: number;
  headers: { get: (name: string) => string | null };
  arrayBuffer: () => Promise<ArrayBuffer>;
};

function makeResponse({ status, contentType, body, headers, failure }: Answer, portalMs: number): Response {
  const known = new Map([
    ...headers,
    ["content-type", contentType],
    ["date", new Date(portalMs).toUTCString()],
  ]);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  return castResponse({
    status,
    headers: { get: (name) => known.get(name.toLowerCase()) ?? null },
    arrayBuffer: async () => {
      if (failure === "cut") throw new TypeError("terminated", { cause: connectionError("UND_ERR_SOCKET") });
      return failure === "cut text" ? bytes.buffer.slice(0, bytes.length / 2) : bytes.buffer;
    },
  });
}

const encoder = new TextEncoder();

function castResponse(light: LightResponse): Response;
function castResponse(light: LightResponse): unknown {
  return light;
}
