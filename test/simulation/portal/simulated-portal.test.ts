import { describe, expect, it } from "vitest";
import {
  findOfferIds,
  readPortalWebhookType,
} from "../../../functions/core/portal-webhooks/portal-webhook.ts";
import { openFaultSource } from "../faults/fault-source.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { type PortalLie, type PortalRates, quietRates, stormyRates } from "./portal-faults.ts";
import { plainHabits } from "./portal-habits.ts";
import type { ListChange } from "./portal-list.ts";
import { describeWebhookCall, drawDeliveries } from "./portal-webhooks.ts";
import { openSimulatedPortal, type PortalSettings } from "./simulated-portal.ts";
import { openSimulatedProcess } from "../time/simulated-process.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";

const startMs = Date.UTC(2026, 0, 31, 8);

type Setting = Partial<Omit<PortalSettings, "rates">> & { rates?: Partial<PortalRates> };

function openPortal({ rates = {}, ...given }: Setting = {}) {
  const clock = openVirtualClock(startMs);
  const trace = openHistoryTrace(clock.now);
  const portal = openSimulatedPortal({
    clock,
    trace,
    faults: openFaultSource("portal"),
    seed: "portal",
    rates: { ...quietRates, ...rates },
    key: "key",
    size: 100,
    order: "stable",
    grows: "near",
    habits: plainHabits,
    limit: { kind: "fixed", limit: 60, windowMs: 60_000, headers: "all", pause: "seconds", others: 0 },
    scopes: ["offers.read", "customers.read"],
    skewMs: 0,
    ...given,
  });
  const openClient = (name: string) => {
    const process = openSimulatedProcess(name, "portal", clock);
    const fetch = portal.serve(process);
    const get = async (target: string, signal?: AbortSignal) => {
      const headers = { authorization: "Bearer key" };
      const init = signal === undefined ? { headers } : { headers, signal };
      const { status, headers: known, arrayBuffer } = await fetch(`http://portal.test${target}`, init);
      return { status, headers: known, text: Buffer.from(await arrayBuffer()).toString() };
    };
    return { process, get, read: (target: string) => clock.complete(get(target)) };
  };
  return { portal, clock, trace, openClient, ...openClient("reader") };
}

function readIds(text: string): string[] {
  return text.match(/off_[A-Z]\d+/g) ?? [];
}

async function readList(read: (target: string) => Promise<{ text: string }>): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; page < 9; page += 1)
    ids.push(...readIds((await read(`/customer-offers?page=${page}`)).text));
  return ids;
}

describe("the simulated portal's answers", () => {
  it("list all offers in pages of 15, and each offer and customer by id", async () => {
    const { read, portal } = openPortal();
    const ids = await readList(read);
    expect(portal.truth.compareIds(ids, startMs, startMs)).toEqual({ lacks: [], invents: [] });
    const last: unknown = JSON.parse((await read("/customer-offers?page=7")).text);
    expect(last).toMatchObject({ current_page: 7, from: 91, to: 100, next_page_url: null });
    expect(JSON.parse((await read(`/customer-offers/${ids[3]}`)).text)).toMatchObject({ id: ids[3] });
    expect((await read("/customer-offers/off_none")).status).toBe(404);
    expect(JSON.parse((await read("/customers/cst_000001")).text)).toMatchObject({ id: "cst_000001" });
  });

  it("refuse a withdrawn key and a missing scope", async () => {
    const { read, portal } = openPortal({ scopes: ["offers.read"] });
    expect((await read("/customers?page=1")).status).toBe(403);
    portal.grant(null);
    expect((await read("/customer-offers?page=1")).status).toBe(401);
  });

  it("never come when the client gives up", async () => {
    const { get, clock } = openPortal({ rates: { errors: { silence: 1000 } } });
    const controller = new AbortController();
    clock.schedule(30_000, () => controller.abort(new DOMException("time", "TimeoutError")));
    const answer = get("/customer-offers?page=1", controller.signal);
    await expect(clock.complete(answer)).rejects.toThrow("time");
    expect(clock.now()).toBe(startMs + 30_000);
  });

  it("reach no process that has crashed", async () => {
    const { openClient, clock, portal } = openPortal();
    const { process, get } = openClient("dying");
    let isSettled = false;
    void get("/customer-offers?page=1").finally(() => (isSettled = true));
    process.crash();
    await clock.advance();
    expect([portal.requests(), isSettled]).toEqual([1, false]);
  });

  it("take the same course for the same seed", async () => {
    const digests = [];
    for (let time = 0; time < 2; time += 1) {
      const { read, trace } = openPortal({
        rates: { changes: stormyRates.changes, lies: { "a row is missing": 50 } },
      });
      await readList(read);
      digests.push(trace.digest());
    }
    expect(digests[0]).toBe(digests[1]);
  });
});

describe("the simulated portal's faults", () => {
  it("happen, each of them", async () => {
    for (const kind of Object.keys(stormyRates.errors)) {
      const { read, trace } = openPortal({ rates: { errors: { [kind]: 1000 } } });
      const answer = await read("/customer-offers?page=2").then(
        ({ status, text }) => `${status} ${text}`,
        () => "no answer",
      );
      const right = trace.lines().find((line) => line.endsWith("-> 200"));
      expect([kind, right, readIds(answer).length === 15]).toEqual([kind, undefined, false]);
    }
  });

  it("are lies that change one page, and come at most once in twelve hours", async () => {
    const kinds = Object.keys(stormyRates.lies).filter(
      (kind): kind is PortalLie => kind !== "an earlier moment",
    );
    for (const kind of kinds) {
      const { read, trace } = openPortal({ rates: { lies: { [kind]: 1000 } } });
      const { read: readRight } = openPortal();
      const [lie, right] = [
        await read("/customer-offers?page=2"),
        await readRight("/customer-offers?page=2"),
      ];
      // Page 2 of this list does announce another page.
      expect([kind, lie.text === right.text]).toEqual([kind, kind === "no end"]);
      await readList(read);
      expect(trace.lines().filter((line) => line.includes("(lie"))).toHaveLength(1);
    }
  });

  it("show the page of an earlier moment only when no offer on it has gone", async () => {
    const { read, portal, clock } = openPortal({ rates: { lies: { "an earlier moment": 1000 } } });
    const before = readIds((await read("/customer-offers?page=2")).text);
    portal.list.apply("insert", clock.now());
    expect(readIds((await read("/customer-offers?page=2")).text)).toEqual(before);
  });
});

describe("the simulated portal's list", () => {
  const changes: ListChange[] = ["insert", "delete", "decide", "correct", "import", "purge"];

  it("changes, and the truth tells what it held when", async () => {
    const { read, portal, clock } = openPortal();
    const before = await readList(read);
    const changedMs = clock.now() + 1_000;
    await clock.advance(changedMs);
    for (const change of changes) portal.list.apply(change, clock.now());
    await clock.advance(changedMs + 60_000);
    const after = await readList(read);
    const [gone, fresh] = [
      before.filter((id) => !after.includes(id)),
      after.filter((id) => !before.includes(id)),
    ];
    expect(gone.length).toBeGreaterThan(1);
    expect(fresh.length).toBeGreaterThan(1);
    expect(after.slice(0, fresh.length)).toEqual(fresh);
    expect(portal.truth.compareIds(before, startMs, changedMs - 1)).toEqual({ lacks: [], invents: [] });
    expect(portal.truth.compareIds(after, changedMs + 1, clock.now())).toEqual({ lacks: [], invents: [] });
    expect(portal.truth.compareIds(before, changedMs + 1, clock.now())).toEqual({
      lacks: fresh.toReversed(),
      invents: gone,
    });
    // An offer that came or went during the reading may be in the report or not.
    for (const ids of [before, after])
      expect(portal.truth.compareIds(ids, startMs, clock.now())).toEqual({ lacks: [], invents: [] });
    expect(portal.truth.compareIds([...after, ...after.slice(0, 1)], startMs, clock.now()).invents).toEqual(
      after.slice(0, 1),
    );
  });

  it("keeps the versions of an offer with their times, and tells of decisions", async () => {
    const { portal, clock, read } = openPortal();
    const events: string[] = [];
    portal.watch(({ type, id }) => events.push(`${type} ${id}`));
    await clock.advance(startMs + 1_000);
    portal.list.apply("decide", clock.now());
    const [, id = ""] = events[0]?.split(" ") ?? [];
    await clock.advance(startMs + 2_000);
    const versions = (fromMs: number, toMs: number) =>
      portal.truth.versionsIn(id, startMs + fromMs, startMs + toMs).map(({ fields }) => {
        const { acceptedAt, rejectedAt } = fields;
        return acceptedAt !== null || rejectedAt !== null;
      });
    expect([versions(0, 500), versions(0, 1_500), versions(1_500, 2_000)]).toEqual([
      [false],
      [false, true],
      [true],
    ]);
    const shown: unknown = JSON.parse((await read(`/customer-offers/${id}`)).text);
    expect(shown).toEqual(portal.truth.versionsIn(id, clock.now(), clock.now())[0]?.fields);
  });

  it("changes between answers and in quiet times, and stops when it should", async () => {
    const { portal, clock, trace } = openPortal();
    portal.live(startMs + 30 * 86_400_000, 8 * 3_600_000);
    await clock.advance();
    expect(trace.lines().length).toBeGreaterThan(20);
    expect(clock.now()).toBeLessThan(startMs + 30 * 86_400_000);
  });
});

describe("the simulated portal's limit", () => {
  it("allows what its headers say, and reports no request that was right", async () => {
    const { read, portal } = openPortal();
    for (let count = 0; count < 60; count += 1) {
      const { status, headers } = await read("/customer-offers?page=1");
      expect([status, headers.get("X-RateLimit-Remaining")]).toEqual([200, String(59 - count)]);
    }
    expect(portal.limits.excesses()).toEqual([]);
  });

  it("reports a request beyond it, and one before the time that a refusal named", async () => {
    const { read, portal, clock } = openPortal();
    for (let count = 0; count < 60; count += 1) await read("/customer-offers?page=1");
    const { status, headers } = await read("/customer-offers?page=2");
    expect(status).toBe(429);
    await read("/customer-offers?page=3");
    const kinds = portal.limits.excesses().map(({ kind, target }) => `${kind} ${target.at(-1)}`);
    expect(kinds).toEqual(["refused 2", "early 3", "refused 3"]);
    await clock.advance(clock.now() + 1_000 * Number(headers.get("retry-after")));
    expect((await read("/customer-offers?page=4")).status).toBe(200);
    expect(portal.limits.excesses()).toHaveLength(3);
  });

  it("reports requests of a process that knows nothing and sends several at once", async () => {
    const { read, openClient, portal, clock } = openPortal();
    for (let count = 0; count < 59; count += 1) await read("/customer-offers?page=1");
    const alone = openClient("alone");
    await alone.read("/customer-offers?page=1");
    expect((await alone.read("/customer-offers?page=1")).status).toBe(429);
    expect(portal.limits.excesses()).toEqual([]);
    const many = openClient("many");
    await clock.complete(Promise.all([1, 2, 3].map(() => many.get("/customer-offers?page=1"))));
    expect(portal.limits.excesses().map(({ process, kind }) => `${process} ${kind}`)).toEqual([
      "many refused",
      "many refused",
    ]);
  });

  it("blames nobody when other programs use the key", async () => {
    const { read, portal } = openPortal({
      limit: { kind: "rolling", limit: 60, windowMs: 60_000, headers: "all", pause: "seconds", others: 20 },
    });
    const statuses = [];
    for (let count = 0; count < 60; count += 1) statuses.push((await read("/customer-offers?page=1")).status);
    expect(statuses).toContain(429);
    expect(portal.limits.excesses().filter(({ kind }) => kind === "refused")).toEqual([]);
  });

  it("is not stated by a portal that is silent about it", async () => {
    const limit = { kind: "fixed", limit: 3, windowMs: 60_000, pause: "none", others: 0 } as const;
    const { read } = openPortal({ limit: { ...limit, headers: "none" } });
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push(await read("/customer-offers?page=1"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get("x-ratelimit-limit"))).toEqual([null, null, null, null]);
  });
});

describe("the simulated portal's webhooks", () => {
  it("name the offer, and come once, twice, late or never", () => {
    const faults = openFaultSource("webhooks");
    const event = { atMs: startMs, type: "offer-accepted", id: "off_P000001" } as const;
    const call = describeWebhookCall(event, "secret-of-the-portal");
    expect(findOfferIds(call.body)).toEqual(["off_P000001"]);
    expect(readPortalWebhookType(call.method, call.path)).toBe("offer-accepted");
    const counts = new Set(Array.from({ length: 200 }, () => drawDeliveries(faults).length));
    expect(counts).toEqual(new Set([0, 1, 2]));
  });
});
