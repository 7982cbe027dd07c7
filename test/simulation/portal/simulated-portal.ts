import type { FaultSource } from "../faults/fault-source.ts";
import type { HistoryTrace } from "../time/history-trace.ts";
import { openPortalAnswers, type PortalScope, refuse } from "./portal-answers.ts";
import { describeError, outageMs, type PortalError, type PortalRates } from "./portal-faults.ts";
import { drawHabits, type PortalHabits } from "./portal-habits.ts";
import { type LimitSettings, openPortalLimits, type Ticket } from "./portal-limits.ts";
import { type ListOrder, openListTruth, openPortalList, type PortalEvent } from "./portal-list.ts";
import { makeResponse, type PortalAnswer } from "./portal-response.ts";
import { createSeededRandom } from "../faults/seeded-random.ts";
import type { SimulatedProcess } from "../time/simulated-process.ts";
import { connectionError } from "../s3/s3-commands.ts";
import { cancelEvent, type VirtualClock } from "../time/virtual-clock.ts";

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

const delaysMs = { min: 10, max: 300 };
/** The connection is given up without an answer after this time. The client's own timeout is shorter. */
const silenceMs = 120_000;
/** Of 1,000 changes while nobody reads the list. */
const lifeRates = { insert: 350, delete: 100, decide: 400, correct: 40, import: 8, purge: 4 };

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
  const answers = openPortalAnswers({ list, faults, rates, habits, scopes: settings.scopes });
  let isKeyValid = true;
  let outage: { kind: PortalError; untilMs: number } | null = null;
  let requests = 0;

  function takeRequest(ticket: Ticket, url: URL, authorization: string): PortalAnswer {
    const nowMs = clock.now();
    requests += 1;
    list.stir(rates.changes, nowMs);
    const kind = drawError(url, nowMs);
    const error = kind === null ? null : describeError(kind);
    const plain: PortalAnswer = {
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
    const { note, ...answered } = answers.answer(url, nowMs);
    return { ...stated, ...answered, note: `${note}${plain.note}` };
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

  /** Sends one request of a process. */
  async function request(process: SimulatedProcess, input: string, init: RequestInit): Promise<Response> {
    const url = new URL(input);
    const target = `${url.pathname}${url.search}`;
    const ticket = limits.send(process.name, target, clock.now());
    let got: PortalAnswer | null = null;
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
  function exchange(ticket: Ticket, url: URL, { signal, headers }: RequestInit): Promise<PortalAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<PortalAnswer>();
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
      answers.grant(granted ?? []);
    },
  };
}

function readHeader(headers: RequestInit["headers"], name: string): string {
  if (headers === undefined || headers instanceof Headers || Array.isArray(headers))
    throw new TypeError("The simulated portal takes headers as an object.");
  return headers[name] ?? "";
}
