import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { hashPortal } from "../../../functions/adapters/bucket/key-hashes.ts";
import type { Clock } from "../../../functions/adapters/clock/clock.ts";
import { readNameCache } from "../../../functions/app/customer/customer-lookup.ts";
import { nameCustomers, obtainMissingNames } from "../../../functions/app/customer/missing-names.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { readUnfinished } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import { newNameLookup } from "../../../functions/core/customer/name-lookup.ts";
import { parseQuery } from "../../../functions/core/options/export-request.ts";
import { readRegistry, updateRegistry } from "../../../functions/app/snapshot/snapshot-store.ts";
import {
  manifestKey,
  missingNamesKey,
  namesKey,
  snapshotPrefix,
} from "../../../functions/core/basics/bucket-keys.ts";
import { emptyNameCache } from "../../../functions/core/customer/name-cache.ts";
import { SnapshotManifest } from "../../../functions/core/snapshot/snapshot-manifest.ts";
import type { Portal } from "../../../local/portal/portal-server.ts";
import { finishExport, jsonHeaders, showExport, startExport } from "../../support/export-requests.ts";
import { eventually } from "../../support/captured-output.ts";
import { rawOffersTo, rawCustomers, rawOffer } from "../../support/offer-fixtures.ts";
import { shiftedClock } from "../../support/test-portal.ts";
import { type TestStack } from "../../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";
import { useWorld } from "../../support/virtual-world.ts";

const day = 86_400_000;
/**
 * Options that differ from those of earlier exports. With the same options, the API may return an export that has
 * finished.
 */
const another = { language: "nl" };
const machine = { format: "csv", dialect: "machine", language: "en" };

/** Runs an export. Returns the export's result, and the names in the export's file by the customers' ids. */
async function exportNames(stack: TestStack, options: Record<string, unknown> = {}) {
  const id = await startExport(stack, { ...machine, maxAge: 0, ...options });
  const finished = await finishExport(stack, id);
  expect(finished).toMatchObject({ status: "succeeded", problem: null });
  const file = await (await fetch(finished.result?.file.url ?? "")).text();
  const { data } = Papa.parse<Record<string, string>>(file, { header: true, skipEmptyLines: true });
  const names = new Map(data.map((row) => [row["customerId"] ?? "", row["customerName"]]));
  return { names, ...finished.result };
}

const listAsked = ({ requests }: Portal, from = 0) =>
  requests
    .slice(from)
    .map(({ path }) => path.replace("/v1", ""))
    .filter((path) => path.startsWith("/customers"));

const answer = (customers: { id: string; companyName: string }[]) =>
  new Map(customers.map(({ id, companyName }) => [id, companyName]));

const isOfCustomers = (url: string) => url.includes("/customers");

type Failure = { status: number; retryAfter?: string };

/** Opens a portal that fails the requests for which `isFailing` is true, and a stack on a fast clock. */
async function openFailing(
  count: number,
  isFailing: (url: string) => boolean,
  { status, retryAfter }: Failure,
) {
  const clock = useWorld().clock;
  const customers = rawCustomers(count);
  const pause = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  const portal = await openVirtualPortal({
    offers: rawOffersTo(customers),
    customers,
    clock,
    intercept: ({ url }, response) => isFailing(url) && Boolean(response.writeHead(status, pause).end("{}")),
  });
  return { customers, portal, stack: await openVirtualStack(portal, {}, clock) };
}

describe("customers' names", () => {
  it("are in the report, and cost no request the second time", async () => {
    const customers = rawCustomers(2);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const stack = await openVirtualStack(portal);
    const first = await exportNames(stack);
    expect(first.names).toEqual(answer(customers));
    expect(first.remarks).toEqual([]);
    expect(first.requests).toBe(portal.requests.length);
    const asked = portal.requests.length;
    expect((await exportNames(stack)).names).toEqual(answer(customers));
    expect(listAsked(portal, asked)).toEqual([]);
  });

  it.each([
    ["401", 401, "application/json", '{"code":401,"message":"Unauthenticated."}'],
    ["403 with a web page", 403, "text/html", "<h1>Blocked</h1>"],
    ["a web page", 200, "text/html", "<h1>One moment</h1>"],
    ["a redirect", 302, "text/plain", ""],
    ["JSON of another shape", 200, "application/json", '{"status":"maintenance"}'],
  ])("are complete although one answer was unexpected: %s", async (_title, status, type, body) => {
    for (const nth of [1, 2]) {
      let asked = 0;
      const customers = rawCustomers(3);
      const portal = await openVirtualPortal({
        offers: rawOffersTo(customers),
        customers,
        intercept: ({ url }, response) =>
          isOfCustomers(url) &&
          (asked += 1) === nth &&
          Boolean(response.writeHead(status, { "content-type": type }).end(body)),
      });
      const { names, remarks } = await exportNames(await openVirtualStack(portal));
      expect(names).toEqual(answer(customers));
      expect(remarks).toEqual([]);
    }
  });

  it("are read page by page when that costs fewer requests", async () => {
    const customers = rawCustomers(40);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const stack = await openVirtualStack(portal);
    expect((await exportNames(stack)).names).toEqual(answer(customers));
    expect(listAsked(portal).toSorted()).toEqual([1, 2, 3].map((page) => `/customers?page=${page}`));
  });

  it("are requested again after 30 days", async () => {
    const clock = shiftedClock();
    const [customer = { id: "", companyName: "" }] = rawCustomers(1);
    const portal = await openVirtualPortal({ offers: rawOffersTo([customer]), customers: [customer] });
    const stack = await openVirtualStack(portal, {}, clock);
    await exportNames(stack);
    portal.customers.remove(customer.id);
    portal.customers.insert({ id: customer.id, companyName: "Banketbakkerij" }, 0);
    clock.shift(29 * day);
    expect((await exportNames(stack)).names.get(customer.id)).toBe("Bakkerij 1");
    clock.shift(2 * day);
    expect((await exportNames(stack, another)).names.get(customer.id)).toBe("Banketbakkerij");
    expect(listAsked(portal)).toHaveLength(2);
  });

  it("of one new customer cost one request", async () => {
    const customers = rawCustomers(40);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const stack = await openVirtualStack(portal);
    await exportNames(stack);
    const asked = portal.requests.length;
    portal.customers.insert({ id: "cst_new", companyName: "Nieuw" }, 0);
    portal.offers.insert({ id: "off_new", ...rawOffer({ id: "off_new", customerId: "cst_new" }) }, 0);
    expect((await exportNames(stack)).names.get("cst_new")).toBe("Nieuw");
    expect(listAsked(portal, asked)).toEqual(["/customers/cst_new"]);
  });

  it("are kept for a deleted customer, who is requested once in 30 days", async () => {
    const clock = shiftedClock();
    const customers = rawCustomers(2);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const stack = await openVirtualStack(portal, {}, clock);
    await exportNames(stack);
    for (const { id } of customers) portal.customers.remove(id);
    clock.shift(31 * day);
    const asked = portal.requests.length;
    expect(await exportNames(stack)).toMatchObject({ names: answer(customers), remarks: [] });
    const { length } = listAsked(portal, asked);
    expect(length).toBeGreaterThan(0);
    expect((await exportNames(stack)).names).toEqual(answer(customers));
    expect(listAsked(portal, asked)).toHaveLength(length);
  });

  it("that no longer exist are replaced by the customer's id, with a remark", async () => {
    const [gone, there] = rawCustomers(2);
    const customers = [there, { id: "cst_blank", companyName: " " }].filter((one) => one !== undefined);
    const portal = await openVirtualPortal({
      offers: rawOffersTo([{ id: gone?.id ?? "" }, ...customers]),
      customers,
    });
    const stack = await openVirtualStack(portal);
    for (const _ of [1, 2]) {
      const { names, remarks } = await exportNames(stack);
      expect([...names.values()]).toEqual([gone?.id, there?.companyName, "cst_blank"]);
      expect(remarks).toEqual([expect.stringMatching(/^2 customers: the portal has no name for them/)]);
    }
    expect(new Set(listAsked(portal)).size).toBe(listAsked(portal).length);
  });

  it("are requested only for the rows that the options include", async () => {
    const customers = rawCustomers(3);
    const [first = rawOffer(), ...others] = rawOffersTo(customers);
    const accepted = { ...first, acceptedAt: "2024-05-14T21:00:00+02:00" };
    const portal = await openVirtualPortal({ offers: [accepted, ...others], customers });
    await exportNames(await openVirtualStack(portal), { status: ["accepted"] });
    expect(listAsked(portal)).toEqual([`/customers/${customers[0]?.id}`]);
  });

  it("are not requested when the options exclude them, and their column is empty", async () => {
    const customers = rawCustomers(1);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const { names } = await exportNames(await openVirtualStack(portal), { customers: false });
    expect([...names.values()]).toEqual([""]);
    expect(listAsked(portal)).toEqual([]);
  });

  it("are read again when another version's names are unreadable", async () => {
    const customers = rawCustomers(1);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
    const stack = await openVirtualStack(portal);
    await stack.app.bucket.writeJson(namesKey(hashPortal(stack.app.config)), { of: "another version" });
    expect((await exportNames(stack)).names).toEqual(answer(customers));
  });

  it("reach the file unchanged, whatever characters names and ids contain", async () => {
    const long = "x👍".repeat(25_000);
    const odd = ["=1+1", "\u202eakkeriB", '"; DROP', "a\nb", long];
    const ids = ["__proto__", "constructor", "cst/1?x#é", "cst_4", "cst_5"];
    const customers = ids.map((id, index) => ({ id, companyName: odd[index] ?? "" }));
    const unaskable = ["..", "x".repeat(5_000), "\ud800"].map((id) => ({ id }));
    const offers = rawOffersTo([...customers, ...unaskable]);
    const portal = await openVirtualPortal({ offers, customers });
    const { names } = await exportNames(await openVirtualStack(portal));
    expect([...names].slice(0, odd.length)).toEqual(ids.map((id, index) => [id, odd[index]]));
    expect([...names.values()].slice(odd.length, -1)).toEqual(unaskable.slice(0, -1).map(({ id }) => id));
  });
});

describe("the portal's refusal to give names", () => {
  it("because of a missing scope costs one request, and the report names the scope", async () => {
    const customers = rawCustomers(40);
    const scopes = ["offers.read"] as const;
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers, scopes });
    const { names, remarks } = await exportNames(await openVirtualStack(portal));
    expect([...names.values()]).toEqual(customers.map(({ id }) => id));
    expect(remarks).toEqual([expect.stringContaining("customers.read")]);
    expect(listAsked(portal)).toHaveLength(1);
  });

  it("leaves known names in use, however old they are", async () => {
    const clock = shiftedClock();
    const customers = rawCustomers(2);
    let isRefused = false;
    const portal = await openVirtualPortal({
      offers: rawOffersTo(customers),
      customers,
      intercept: ({ url }, response) =>
        isRefused && url.includes("/customers") && Boolean(response.writeHead(403).end("{}")),
    });
    const stack = await openVirtualStack(portal, {}, clock);
    await exportNames(stack);
    isRefused = true;
    clock.shift(100 * day);
    expect((await exportNames(stack)).names).toEqual(answer(customers));
  });

  it.each([
    [503, 15],
    // The portal's address and the key worked for the offers, so the lookup retries after 400, 302 and 401 before it
    // gives up.
    [400, 7],
    [302, 15],
    [401, 15],
  ])("with %i costs %i requests, and fails no export", async (status, most) => {
    const { customers, portal, stack } = await openFailing(40, isOfCustomers, { status });
    const { names, remarks, requests } = await exportNames(stack);
    expect([...names.values()]).toEqual(customers.map(({ id }) => id));
    expect(remarks).toEqual([expect.stringContaining("did not give all customers' names")]);
    expect(listAsked(portal)).toHaveLength(most);
    expect(requests).toBe(portal.requests.length);
    expect((await readNameCache(stack.app)).cutOff).toBe(null);
    expect((await readRegistry(stack.app)).lease).toBe(null);
  });

  it("because of a missing scope costs two requests when the lookup begins with a single customer", async () => {
    const customers = rawCustomers(1);
    const scopes = ["offers.read"] as const;
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers, scopes });
    const { remarks } = await exportNames(await openVirtualStack(portal));
    expect(remarks).toEqual([expect.stringContaining("customers.read")]);
    expect(listAsked(portal)).toEqual([`/customers/${customers[0]?.id}`, "/customers?page=1"]);
  });

  it.each([
    ["an error", 500, "{}"],
    ["a prohibition", 403, "{}"],
    ["a refusal", 422, "{}"],
    ["another customer", 200, JSON.stringify({ id: "cst_other" })],
  ])("for one customer with %s does not affect the other names", async (_title, status, body) => {
    const clock = useWorld().clock;
    const customers = rawCustomers(6);
    const [bad] = customers;
    const portal = await openVirtualPortal({
      offers: rawOffersTo(customers),
      customers: [...rawCustomers(200).slice(6), ...customers],
      clock,
      intercept: ({ url }, response) =>
        url.endsWith(`/${bad?.id}`) && Boolean(response.writeHead(status).end(body)),
    });
    const stack = await openVirtualStack(portal, {}, clock);
    await stack.app.bucket.writeJson(namesKey(hashPortal(stack.app.config)), {
      ...emptyNameCache,
      pages: 14,
    });
    const { names, remarks } = await exportNames(stack);
    expect(names).toEqual(answer(customers).set(bad?.id ?? "", bad?.id ?? ""));
    expect(remarks).toEqual([expect.stringContaining("did not give all customers' names")]);
    const asked = portal.requests.length;
    const next = { id: "off_new", ...rawOffer({ id: "off_new", customerId: "cst_new" }) };
    portal.customers.insert({ id: "cst_new", companyName: "Nieuw" }, 0);
    portal.offers.insert(next, portal.offers.all().length);
    expect((await exportNames(stack, another)).names.get("cst_new")).toBe("Nieuw");
    expect(listAsked(portal, asked).slice(0, 2)).toEqual(["/customers/cst_new", `/customers/${bad?.id}`]);
  });

  it("for one page leaves the names of the other pages, and that page's customers are requested one by one", async () => {
    const { customers, stack } = await openFailing(60, (url) => url.endsWith("/customers?page=2"), {
      status: 500,
    });
    const { names, remarks } = await exportNames(stack);
    expect(names).toEqual(answer(customers));
    expect(remarks).toEqual([]);
  });

  it("for hours, as Retry-After announces, delays neither the report nor the rate limit's budget", async () => {
    const { stack } = await openFailing(40, isOfCustomers, {
      status: 429,
      retryAfter: "80000",
    });
    const { remarks } = await exportNames(stack);
    expect(remarks).toEqual([expect.stringContaining("has not been fetched yet")]);
    expect((await readRegistry(stack.app)).lease).toBe(null);
  });

  it("in the middle of the list makes the next lookup request only the rest of it", async () => {
    let isAway = true;
    const { customers, portal, stack } = await openFailing(
      300,
      (url) => isAway && /customers\?page=(1[3-9]|20)$/.test(url),
      { status: 429, retryAfter: "80000" },
    );
    await exportNames(stack);
    isAway = false;
    const asked = portal.requests.length;
    await updateRegistry(stack.app, (registry) => ({ after: { ...registry, limit: null }, answer: null }));
    expect((await exportNames(stack, another)).names).toEqual(answer(customers));
    expect(listAsked(portal, asked)[0]).toMatch(/page=1[12]$/);
    expect(listAsked(portal, asked)).not.toContain("/customers?page=1");
  });

  it("for ever ends the lookup after five windows", async () => {
    const { portal, stack } = await openFailing(40, isOfCustomers, {
      status: 429,
      retryAfter: "60",
    });
    const { remarks } = await exportNames(stack);
    expect(remarks).toEqual([expect.stringContaining("did not give all customers' names")]);
    expect(listAsked(portal).length).toBeLessThanOrEqual(10);
  });

  it("for a moment keeps the names that were read, and the lookup continues", async () => {
    let refusals = 0;
    const { customers, portal, stack } = await openFailing(
      300,
      (url) => url.endsWith("/customers?page=7") && refusals++ < 1,
      { status: 429, retryAfter: "30" },
    );
    const { names, remarks } = await exportNames(stack);
    expect(names).toEqual(answer(customers));
    expect(remarks).toEqual([]);
    const refused = portal.requests.find(({ status }) => status === 429);
    const refusedMs = refused?.atMs ?? Infinity;
    // Finds the first request after the pause. Requests in the 5 seconds after the 429 were already under way.
    const next = portal.requests.find(({ atMs }) => atMs > refusedMs + 5_000);
    expect(next?.atMs).toBeGreaterThanOrEqual(refusedMs + 30_000);
  });

  it("is heeded by the next attempt, although this one fails before it can store the names", async () => {
    const isRefused = (url: string) => url.includes("/customers") && portal.requests.length < 30;
    const { portal, stack } = await openFailing(40, isRefused, { status: 429, retryAfter: "30" });
    const { app } = stack;
    const snapshotId = await startExport(stack, { ...machine, customers: false });
    await finishExport(stack, snapshotId);
    const request = parseQuery(new URLSearchParams(), app.calendar.dayOf(Date.now()));
    const { id } = await requestExport(app, { start: async () => undefined }, request);
    const task = { id, snapshotId, begun: newNameLookup };
    const update: AppContext["bucket"]["update"] = async (key, schema, change) => {
      if (key === namesKey(hashPortal(app.config))) throw new Error("the process dies");
      return await app.bucket.update(key, schema, change);
    };
    const dying = { ...app, bucket: { ...app.bucket, update } };
    await expect(nameCustomers(dying, task)).rejects.toThrow("the process dies");
    const refusedMs = portal.requests.find(({ status }) => status === 429)?.atMs ?? Infinity;
    const asked = portal.requests.length;
    await nameCustomers(app, task);
    for (const { atMs } of portal.requests.slice(asked))
      expect(atMs).toBeGreaterThanOrEqual(refusedMs + 30_000);
    expect((await readRegistry(app)).limit?.closedUntilMs).toBeGreaterThanOrEqual(refusedMs + 30_000);
  });
});

describe("a lookup of names", () => {
  it("goes on over many windows of the rate limit, without an unnecessary request, and shows its progress", async () => {
    const clock = useWorld().clock;
    const customers = rawCustomers(600);
    const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers, limit: 12, clock });
    const stack = await openVirtualStack(portal, {}, clock);
    const id = await startExport(stack, machine);
    await eventually(() => expect(listAsked(portal).length).toBeGreaterThan(12));
    const { progress } = await eventually(async () => {
      const shown = await showExport(stack, id);
      if (shown.progress.waitingUntil === null) throw new Error("it does not wait yet");
      return shown;
    });
    expect(progress).toMatchObject({ pages: 40, offers: 600 });
    expect(Date.parse(progress.estimatedFinishAt ?? "")).toBeGreaterThanOrEqual(
      Date.parse(progress.waitingUntil ?? ""),
    );
    const { result } = await finishExport(stack, id);
    expect(result?.remarks).toEqual([]);
    expect(result?.requests).toBe(portal.requests.length);
    expect(portal.requests.filter(({ status }) => status === 429)).toEqual([]);
    expect(listAsked(portal)).toHaveLength(40);
  });

  /** Opens a portal and starts an export. Answers about customers wait until the test calls `release`. */
  async function openHeld(customers = rawCustomers(40), limited: { limit?: number; clock?: Clock } = {}) {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openVirtualPortal({
      offers: rawOffersTo(customers),
      customers,
      ...limited,
      intercept: ({ url }) => url.includes("/customers") && hold.promise,
    });
    const stack = await openVirtualStack(portal, {}, limited.clock);
    const id = await startExport(stack, machine);
    await eventually(() => expect(listAsked(portal)).toHaveLength(1));
    return { portal, stack, id, release: () => hold.resolve(false) };
  }

  it("announces how long it will take for the customers of a large snapshot", async () => {
    const { stack, id, release } = await openHeld();
    const { bucket } = stack.app;
    const manifest = await bucket.readJson(manifestKey(id), SnapshotManifest);
    const state = await readUnfinished(stack.app, id);
    if (manifest === null || state === null) throw new Error("there is no export");
    await bucket.remove(missingNamesKey(id, id));
    const report = { id, manifest: { ...manifest, offers: 3_600_000 }, options: state.options };
    await obtainMissingNames(stack.app, { ...report, known: new Set() });
    const aliveUntil = (await readUnfinished(stack.app, id))?.run.aliveUntil ?? "";
    expect(Date.parse(aliveUntil) - Date.parse(state.createdAt)).toBeGreaterThan(3_600_000);
    release();
    await finishExport(stack, id);
  });

  it("serves several exports at once with the same requests", async () => {
    const customers = rawCustomers(40);
    const { portal, stack, id, release } = await openHeld(customers);
    const others = await Promise.all(
      ["nl", "en"].map((language) => startExport(stack, { language, format: "xlsx" })),
    );
    await eventually(async () =>
      expect(await showExport(stack, others[0] ?? "")).toMatchObject({ progress: { pages: 3 } }),
    );
    release();
    const finished = await Promise.all([id, ...others].map((one) => finishExport(stack, one)));
    expect(finished.map(({ status, result }) => [status, result?.remarks])).toEqual(
      finished.map(() => ["succeeded", []]),
    );
    expect(listAsked(portal)).toHaveLength(3);
  });

  it("never runs while another export crawls, and no crawl runs during a lookup", async () => {
    const { portal, stack, id, release } = await openHeld();
    const other = await startExport(stack, { ...machine, language: "nl", maxAge: 0 });
    await eventually(async () => expect(await showExport(stack, other)).toMatchObject({ status: "running" }));
    expect(listAsked(portal)).toHaveLength(1);
    release();
    for (const one of [id, other])
      expect(await finishExport(stack, one)).toMatchObject({ status: "succeeded" });
    const kinds = portal.requests.map(({ path }) => (path.includes("/customers") ? "names" : "offers"));
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual(["offers", "names", "offers"]);
  });

  it("ends when its export is cancelled, and fails no other export", async () => {
    const { portal, stack, id, release } = await openHeld();
    await stack.ask(`exports/${id}`, { method: "DELETE", headers: jsonHeaders });
    release();
    await stack.runner.finish(id);
    expect(await showExport(stack, id)).toMatchObject({ problem: { code: "cancelled" } });
    expect(await readRegistry(stack.app)).toMatchObject({ lease: null, failed: null });
    expect(await stack.app.bucket.listKeys("files/")).toEqual([]);
    expect(listAsked(portal).length).toBeLessThanOrEqual(3);
  });

  it("releases the rate limit's budget when its export fails, and fails no other export", async () => {
    const { stack, id, release } = await openHeld(rawCustomers(600), {
      limit: 12,
      clock: useWorld().clock,
    });
    const other = await startExport(stack, { ...machine, language: "nl", maxAge: 0 });
    await eventually(async () => expect(await showExport(stack, other)).toMatchObject({ status: "running" }));
    await stack.app.bucket.removeAll(snapshotPrefix(id));
    release();
    expect(await finishExport(stack, id)).toMatchObject({ problem: { code: "snapshot_gone" } });
    expect((await readRegistry(stack.app)).failed).toBe(null);
    await stack.ask(`exports/${other}`, { method: "DELETE", headers: jsonHeaders });
  });
});
