import { text } from "node:stream/consumers";
import { Ajv } from "ajv";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { startLoopback } from "../../../local/loopback-server.ts";
import type { Scope } from "../../../local/portal/portal-store.ts";
import { makeDemo } from "../../../local/portal/demo-data.ts";
import { portalSchema } from "../../../local/portal/portal-schema.ts";
import { markSecret } from "../../support/written-output.ts";
import { openTestPortal, portalKey } from "../../support/test-portal.ts";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const { offers } = makeDemo({ today: "2026-11-22", offers: 40 });
const [offer, other] = offers;

function listErrors(name: keyof typeof portalSchema, body: unknown): unknown {
  const validate = ajv.compile(portalSchema[name]);
  return validate(body) ? [] : validate.errors;
}

async function openShop(scopes: readonly Scope[] = ["offers.read", "offers.write", "webhooks.write"]) {
  const portal = await openTestPortal({ offers, scopes, pageSize: 2 });
  const send = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${portalKey}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(portal.url + path, { method, headers, ...sent });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  };
  const register = async (type: string, url: string) => {
    const { answer } = await send("POST", "/webhooks", { type, url });
    const hook = z.object({ id: z.string(), secret: z.string() }).parse(answer);
    markSecret(hook.secret);
    return hook;
  };
  return { ...portal, send, register };
}

/** Starts a receiver on loopback. `told` lists the path, secret and body of each webhook that the receiver gets. */
async function openListener() {
  const told: { path: string; secret: unknown; body: string }[] = [];
  const { origin, stop } = await startLoopback(0, async (request, response) => {
    const secret = request.headers["x-webhook-signature"];
    told.push({ path: request.url ?? "", secret, body: await text(request) });
    response.writeHead(204).end();
  });
  onTestFinished(stop);
  return { origin, told };
}

describe("webhooks at the demo portal", () => {
  it("are registered, listed in pages with their secrets, and removed", async () => {
    const { send, register } = await openShop();
    const url = "https://hooks.example/one";
    const made = await Promise.all(
      ["offer-created", "offer-deleted", "offer-accepted"].map((type) => register(type, url)),
    );
    const page = await send("GET", "/webhooks?page=1");
    expect(listErrors("hookPage", page.answer)).toEqual([]);
    expect(page.answer).toMatchObject({ next_page_url: expect.any(String), to: 2 });
    const [first] = made;
    expect(await send("GET", `/webhooks/${first?.id}`)).toMatchObject({ status: 200, answer: first });
    expect((await send("DELETE", `/webhooks/${first?.id}`)).status).toBe(200);
    expect((await send("DELETE", `/webhooks/${first?.id}`)).status).toBe(404);
    expect((await send("GET", "/webhooks")).answer).toMatchObject({ next_page_url: null });
  });

  it.each([
    { url: "https://hooks.example/", type: "offer-made" },
    { url: "ftp://hooks.example/", type: "offer-created" },
    { url: "nowhere", type: "offer-created" },
    {},
  ])("are refused for %o", async (asked) => {
    const { send } = await openShop();
    expect((await send("POST", "/webhooks", asked)).status).toBe(422);
  });

  it.each([
    ["GET", "/webhooks"],
    ["POST", "/webhooks"],
    ["DELETE", "/webhooks/wbh_x"],
    ["PATCH", `/customer-offers/${offer?.id}`],
  ])("and changes of offers require a scope: %s %s", async (method, path) => {
    const { send } = await openShop(["offers.read"]);
    const { status, answer } = await send(method, path);
    expect(status).toBe(403);
    expect(listErrors("forbidden", answer)).toEqual([]);
  });

  it("get the events of offers, each of its own type, with its secret", async () => {
    const shop = await openShop();
    const { origin, told } = await openListener();
    const secrets = new Map<string, string>();
    for (const type of ["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"])
      secrets.set(`/${type}`, (await shop.register(type, `${origin}/${type}`)).secret);
    shop.offers.insert({ id: "off_new" }, 0);
    shop.offers.remove("off_new");
    const rejectedAt = "2026-11-22T09:00:00+01:00";
    const answered = await shop.send("PATCH", `/customer-offers/${offer?.id}`, { rejectedAt });
    expect(answered).toEqual({ status: 200, answer: { ...offer, rejectedAt } });
    shop.offers.replace({ ...other, id: other?.id ?? "", acceptedAt: "2026-11-22T10:00:00+01:00" });
    shop.offers.replace({ ...other, id: other?.id ?? "", acceptedAt: null });
    await shop.settle();
    const named = told.map(({ path, body }) => `${path} ${/off_\w+/.exec(body)?.[0]}`);
    expect(named.toSorted()).toEqual([
      `/offer-accepted ${other?.id}`,
      "/offer-created off_new",
      "/offer-deleted off_new",
      `/offer-rejected ${offer?.id}`,
    ]);
    for (const { path, secret } of told) expect(secret).toBe(secrets.get(path));
  });

  it("that nobody answers do not prevent a change", async () => {
    const shop = await openShop();
    await shop.register("offer-deleted", "http://127.0.0.1:9/");
    shop.offers.remove(offer?.id ?? "");
    await shop.settle();
    expect(shop.offers.all()).toHaveLength(39);
  });
});

describe("an offer at the demo portal", () => {
  it.each([{ acceptedAt: "yesterday" }, { rejectedAt: 5 }, [], "x", undefined])(
    "is not decided by %o",
    async (body) => {
      const { send, offers: list } = await openShop();
      expect((await send("PATCH", `/customer-offers/${offer?.id}`, body)).status).toBe(422);
      expect(list.find(offer?.id ?? "")).toEqual(offer);
    },
  );

  it("keeps its other fields when a decision is made and taken back", async () => {
    const { send } = await openShop();
    const moment = "2026-11-22T09:00:00+01:00";
    await send("PATCH", `/customer-offers/${offer?.id}`, { acceptedAt: moment, amount: "0.01", id: "off_x" });
    const { answer } = await send("PATCH", `/customer-offers/${offer?.id}`, {
      acceptedAt: offer?.acceptedAt,
    });
    expect(answer).toEqual(offer);
    expect((await send("PATCH", "/customer-offers/off_nowhere", { acceptedAt: moment })).status).toBe(404);
  });
});
