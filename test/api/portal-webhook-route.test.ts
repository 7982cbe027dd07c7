import { describe, expect, it } from "vitest";
import {
  noPortalWebhookSecrets,
  parsePortalWebhookSecrets,
} from "../../functions/core/portal-webhooks/portal-webhook.ts";
import { createFront } from "../../functions/api/front.ts";
import { readTouchedOffers } from "../../functions/app/snapshot/snapshot-store.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { captureOutput } from "../support/captured-output.ts";
import { markSecret } from "../support/written-output.ts";
import { sendRawRequest } from "../support/raw-request.ts";
import { accessToken } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack, serveVirtualUrl } from "../support/virtual-stack.ts";

const [created, accepted, formerly] = ["created", "accepted", "formerly-accepted"].map((name) =>
  markSecret(`portal-webhook-secret-${name}`),
);
const settings = {
  PORTAL_WEBHOOK_SECRETS: `offer-created=${created},offer-accepted=${accepted},offer-accepted=${formerly}`,
};
const before = "2026-11-01T00:00:00Z";

const json = '{"event":"offer-accepted","data":{"id":"off_abc12345def678"}}';
const jsonType = "application/json";

type SentWebhook = { type?: string; secret?: string | undefined; body?: string; contentType?: string };

function describeRequest({
  type = "offer-accepted",
  secret,
  body = json,
  contentType = jsonType,
}: SentWebhook) {
  const signature = secret === undefined ? {} : { "x-webhook-signature": secret };
  return {
    method: "POST",
    path: `/portal/${type}`,
    headers: { "content-type": contentType, ...signature },
    body,
  };
}

async function openStack() {
  const stack = await openVirtualStack(await openVirtualPortal({}), settings);
  const send = (webhook: SentWebhook) => sendRawRequest(stack.url, describeRequest(webhook));
  return { ...stack, send, readMarks: () => readTouchedOffers(stack.app, before) };
}

/** Opens a function URL whose API cannot be loaded. A request must be refused without the API. */
async function openClosedFront(secrets: string) {
  const loadApi = () => Promise.reject(new Error("a refusal loads no API"));
  const noticeSecrets = parsePortalWebhookSecrets(secrets) ?? noPortalWebhookSecrets;
  const handler = createFront({
    accessTokens: [accessToken],
    noticeSecrets,
    web: openPageFiles("nowhere"),
    loadApi,
  });
  const front = { url: serveVirtualUrl(handler) };
  return (webhook: SentWebhook) => sendRawRequest(front.url, describeRequest(webhook));
}

describe("a webhook of the portal", () => {
  it("marks the offers that it names, whatever the format of its body", async () => {
    const { send, readMarks } = await openStack();
    const bodies = [
      { body: json, contentType: jsonType },
      { body: "offer=off_form&then=%2Foff_next", contentType: "application/x-www-form-urlencoded" },
      { body: "\xff\xfe off_bytes \x00", contentType: "application/octet-stream" },
      { body: '{"off_broken', contentType: jsonType },
    ];
    for (const body of bodies) {
      const answer = await send({ ...body, secret: accepted });
      expect(answer.status).toBe(204);
      expect(answer.body.length).toBe(0);
    }
    const ids = ["off_abc12345def678", "off_form", "off_next", "off_bytes", "off_broken"];
    expect((await readMarks())?.toSorted()).toEqual(ids.toSorted());
  });

  it("is accepted with any secret of its type, and changes nothing when it names no offer", async () => {
    const { send, readMarks } = await openStack();
    expect((await send({ secret: formerly, body: "{}" })).status).toBe(204);
    expect((await send({ secret: accepted, body: "" })).status).toBe(204);
    expect(await readMarks()).toEqual([]);
    expect((await send({ type: "offer-created", secret: created })).status).toBe(204);
    expect(await readMarks()).toHaveLength(1);
  });

  it("loses no offer when many arrive at once", async () => {
    const { send, readMarks } = await openStack();
    const ids = Array.from({ length: 12 }, (_, index) => `off_${index}`);
    const answers = await Promise.all(ids.map((body) => send({ secret: accepted, body })));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 204));
    expect((await readMarks())?.toSorted()).toEqual(ids.toSorted());
  });

  it.each([
    { why: "a wrong secret", webhook: { secret: "portal-webhook-secret-of-nobody" }, status: 403 },
    { why: "no secret", webhook: {}, status: 403 },
    { why: "another type's secret", webhook: { secret: created }, status: 403 },
    { why: "a type that has no secret", webhook: { type: "offer-deleted", secret: accepted }, status: 404 },
    { why: "an unknown type", webhook: { type: "constructor", secret: accepted }, status: 404 },
    {
      why: "a wrong secret and a large body",
      webhook: { secret: "x", body: "x".repeat(100_000) },
      status: 403,
    },
  ])("is refused for $why before anything is loaded or read", async ({ webhook, status }) => {
    const send = await openClosedFront(settings.PORTAL_WEBHOOK_SECRETS);
    const answer = await send(webhook);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("is not found without the setting", async () => {
    const send = await openClosedFront("");
    for (const secret of ["", accepted]) expect((await send({ secret })).status).toBe(404);
  });

  it("has a body of at most 64 KB", async () => {
    const { send, readMarks } = await openStack();
    const bodies = [`${" ".repeat(65_529)}off_end`, `${" ".repeat(65_530)}off_end`];
    for (const contentType of [jsonType, "application/octet-stream"]) {
      const statuses = [];
      for (const body of bodies) statuses.push((await send({ secret: accepted, body, contentType })).status);
      expect(statuses).toEqual([204, 413]);
    }
    expect(await readMarks()).toEqual(["off_end"]);
  });

  it("opens no other route with its secret, and no other method", async () => {
    const { url } = await openStack();
    const headers = { "x-webhook-signature": accepted ?? "" };
    for (const path of ["/portal", "/portal/offer-accepted/more", "/exports"])
      expect((await sendRawRequest(url, { method: "POST", path, headers, body: json })).status).toBe(401);
    expect((await sendRawRequest(url, { path: "/portal/offer-accepted", headers })).status).toBe(401);
    const authorization = `Bearer ${accessToken}`;
    const known = await sendRawRequest(url, { path: "/portal/offer-accepted", headers: { authorization } });
    expect([known.status, known.headers["allow"]]).toEqual([405, "POST, OPTIONS"]);
  });

  it("leaves neither its secret nor its body in the log", async () => {
    const output = captureOutput();
    const { send } = await openStack();
    await send({ secret: accepted, body: "off_logged" });
    await send({ secret: "portal-webhook-secret-wrong", body: "off_logged" });
    expect(output()).toContain("/portal/{type}");
    for (const value of [accepted, "portal-webhook-secret-wrong", "off_logged"])
      expect(output()).not.toContain(value);
  });
});
