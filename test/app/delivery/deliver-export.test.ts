import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { deliverRound } from "../../../functions/app/delivery/deliver-export.ts";
import { readDeliveries } from "../../../functions/app/delivery/delivery-store.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { deliveriesKey, exportKey, filePrefix } from "../../../functions/core/basics/bucket-keys.ts";
import { addRecipients, ExportState } from "../../../functions/core/export/export-state.ts";
import { createFastClock } from "../../../local/fast-clock.ts";
import { listen } from "../../../local/loopback-server.ts";
import type { Scope } from "../../../local/portal/portal-store.ts";
import { readEvents } from "../../support/durable.ts";
import { makeWebhookSecret, verifyWebhook } from "../../support/hook.ts";
import { readEmbedded } from "../../support/lines.ts";
import { captureOutput, eventually } from "../../support/observe.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { openTestPortal } from "../../support/portal.ts";
import { type Fate, openTestPost, type Sent } from "../../support/post.ts";
import { accessToken, openTestStack } from "../../support/stack.ts";

const mailTo = ["anna@example.com", "bram@example.com"];
const publicUrl = "https://reports.example";
const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };

const Shown = z.object({
  id: z.string(),
  status: z.string(),
  result: z.object({ file: z.object({ name: z.string() }) }).nullable(),
  deliveries: z
    .array(
      z.object({
        kind: z.string(),
        to: z.string(),
        status: z.string(),
        sentAt: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    )
    .optional(),
});

/** A stack that tells of its exports as the settings say. */
async function openTelling(settings: Record<string, string>, scopes?: readonly Scope[]) {
  const portal = await openTestPortal({ offers: rawOffers(20), ...(scopes && { scopes }) });
  const stack = await openTestStack(portal, settings, createFastClock(500));
  const show = async (id: string) =>
    Shown.parse(await (await stack.ask(`exports/${id}`, { headers })).json());
  const start = async (body: object) => {
    const response = await stack.ask("exports", { method: "POST", headers, body: JSON.stringify(body) });
    return Shown.parse(await response.json());
  };
  const settle = async (id: string) => {
    for (;;) {
      const shown = await show(id);
      const isOpen = (shown.deliveries ?? []).some(({ status }) => ["waiting", "sending"].includes(status));
      if (shown.status !== "queued" && shown.status !== "running" && !isOpen) return shown;
      await sleep(50);
    }
  };
  return { ...stack, show, start, settle };
}

/** One whose mails go to an emulator that does with each what the test says. */
async function openMailing(decide?: (sent: Sent, number: number) => Fate) {
  const post = await openTestPost(decide);
  const settings = { MAIL_SENDER: "reports@example.com", PUBLIC_URL: publicUrl, SES_ENDPOINT: post.url };
  return { ...(await openTelling(settings)), post };
}

const secret = makeWebhookSecret();

/** One that tells a receiver on this machine, which answers each request by the next of these, at last with 200. */
async function openHooked(
  answers: [status: number, headers?: Record<string, string>][] = [],
  scopes?: readonly Scope[],
) {
  const received: Told[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    received.push({ headers: request.headers, body: await readText(request) });
    const [status, given] = answers[received.length - 1] ?? [200];
    response.writeHead(status, given).end();
  };
  const server = createServer((request, response) => void receive(request, response));
  onTestFinished(() => void server.close());
  const address = `${await listen(server, 0)}/a-key`;
  const stack = await openTelling({ WEBHOOKS: address, WEBHOOK_SECRET: secret }, scopes);
  // Which webhooks there are, the workflow alone knows.
  const settle = async (id: string) => {
    await eventually(async () => expect(await readDeliveries(stack.app, id)).toHaveLength(1));
    return await stack.settle(id);
  };
  return { ...stack, settle, address, received };
}

type Told = { headers: IncomingHttpHeaders; body: string };

/** The figures of the export's deliveries that were told. */
const listCounted = (output: string, exportId: string) =>
  readEmbedded(output)
    .filter(({ values }) => values["exportId"] === exportId && values["deliveryId"] !== undefined)
    .flatMap(({ directive }) => directive.Metrics.map(({ Name }) => Name));

const statusesOf = ({ deliveries = [] }: z.infer<typeof Shown>) => deliveries.map(({ status }) => status);

describe("a report that is asked for with recipients", () => {
  it("is mailed to each of them once, alone, with a link that opens it", async () => {
    const { start, settle, post, ask, app } = await openMailing();
    const { id } = await start({ mailTo, format: "csv" });
    const { deliveries, result } = await settle(id);
    expect(deliveries).toEqual(
      mailTo.map((to) => ({ kind: "mail", to, status: "sent", sentAt: expect.any(String), reason: null })),
    );
    const mails = await post.read();
    expect(mails).toHaveLength(2);
    expect(new Set(mails.map(({ destination }) => destination.to.join()))).toEqual(new Set(mailTo));
    const { text = "", html } = mails[0]?.body ?? {};
    expect(mails[0]?.from).toBe("reports@example.com");
    const [url = ""] = /https:\/\/reports\.example\/s\/[\w-]{43}/.exec(text) ?? [];
    expect(html).toContain(url);
    const opened = await ask(new URL(url).pathname.slice(1), { headers: {} });
    expect(opened.status).toBe(302);
    const { pathname } = new URL(opened.headers.get("location") ?? "");
    expect(pathname).toContain(filePrefix(id));
    expect(pathname.endsWith(`/${result?.file.name}`)).toBe(true);
    expect(await app.bucket.listKeys("shares/")).toHaveLength(1);
  });

  it("is mailed with tags by which a bounce finds it", async () => {
    const { start, settle, post } = await openMailing();
    const { id } = await start({ mailTo: ["anna@example.com"] });
    await settle(id);
    expect(post.asked[0]?.EmailTags).toEqual([
      { Name: "exportId", Value: id },
      { Name: "deliveryId", Value: expect.stringMatching(/^[0-9a-f]{12}$/) },
    ]);
  });

  it("tells who holds the token, and no permanent link, whom it is mailed to", async () => {
    const { start, settle, post, ask, show } = await openMailing();
    const { id } = await start({ mailTo });
    await settle(id);
    const [mail] = await post.read();
    const path = /\/s\/([\w-]{43})/.exec(mail?.body.text ?? "")?.[0].slice(1) ?? "";
    const opened = await (await ask(path, { headers: { accept: "application/json" } })).text();
    expect(opened).toContain(id);
    expect(opened).not.toContain("anna@");
    expect(await (await ask("exports", { headers })).text()).not.toContain("anna@");
    expect(JSON.stringify(await show(id))).toContain("anna@");
  });

  it("is mailed once to whom several requests name, while it runs and when it is finished", async () => {
    const { start, settle, post } = await openMailing();
    const first = await start({ mailTo: ["anna@example.com"] });
    const joined = await start({ mailTo: ["ANNA@example.com", "bram@example.com"] });
    expect(joined.id).toBe(first.id);
    await settle(first.id);
    for (const to of [["cees@example.com"], ["cees@example.com", "anna@example.com"], ["cees@example.com"]]) {
      expect((await start({ mailTo: to })).id).toBe(first.id);
      await settle(first.id);
    }
    const sentTo = (await post.read()).flatMap(({ destination }) => destination.to);
    expect(sentTo.toSorted()).toEqual(["anna@example.com", "bram@example.com", "cees@example.com"]);
  });

  it("is tried again when SES says that it has not taken it", async () => {
    const fates: Fate[] = ["throttle", "away", "take"];
    const { start, settle, post, app } = await openMailing((_, number) => fates[number - 1] ?? "take");
    const { id } = await start({ mailTo: ["anna@example.com"] });
    expect(statusesOf(await settle(id))).toEqual(["sent"]);
    expect(post.asked).toHaveLength(3);
    expect(await post.read()).toHaveLength(1);
    // Of the links of the tries that sent nothing none is left.
    expect(await app.bucket.listKeys("shares/")).toHaveLength(1);
  });

  it("stands although its mail is refused, which is told with the reason", async () => {
    captureOutput();
    const { start, settle, post } = await openMailing((sent) =>
      sent.Destination.ToAddresses[0].startsWith("anna") ? "reject" : "take",
    );
    const { id } = await start({ mailTo });
    const shown = await settle(id);
    expect(shown.status).toBe("succeeded");
    expect(shown.deliveries?.[0]).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^SES answered 400 \(MessageRejected\)\. Check/),
    });
    expect(statusesOf(shown)).toEqual(["failed", "sent"]);
    expect(await post.read()).toHaveLength(1);
  });

  it.each(["lose", "cut", "break"] as const)(
    "is not sent again where nobody knows whether it was (%s), which the log tells without the address",
    async (fate) => {
      const output = captureOutput();
      const { start, settle, post } = await openMailing(() => fate);
      const { id } = await start({ mailTo: ["anna@example.com"] });
      const shown = await settle(id);
      expect(shown.status).toBe("succeeded");
      expect(statusesOf(shown)).toEqual(["unknown"]);
      await sleep(500);
      expect(post.asked).toHaveLength(1);
      expect(listCounted(output(), id)).toEqual(["DeliveriesUnknown"]);
      expect(output()).not.toContain("anna@");
    },
  );

  it("leaves no address behind when it is deleted", async () => {
    const { start, settle, ask, app, show } = await openMailing();
    const { id } = await start({ mailTo });
    await settle(id);
    expect((await ask(`exports/${id}`, { method: "DELETE", headers })).status).toBe(204);
    expect(await app.bucket.exists(deliveriesKey(id))).toBe(false);
    const state = await app.bucket.readBytes(exportKey(id));
    expect(Buffer.from(state ?? []).toString()).not.toContain("example.com");
    expect((await show(id)).deliveries).toEqual([]);
  });
});

describe("a round of deliveries that goes on after the export was deleted", () => {
  it("sends nothing and leaves no address behind", async () => {
    const { start, settle, app, post } = await openMailing();
    const { id } = await start({ customers: false });
    await settle(id);
    await app.bucket.update(exportKey(id), ExportState, (before) => ({
      after: before && addRecipients(before, mailTo),
      answer: null,
    }));
    const state = ExportState.parse(await app.bucket.readJson(exportKey(id), ExportState));
    let isDeleted = false;
    const update: typeof app.bucket.update = async (key, ...rest) => {
      if (!isDeleted) await cancelExport(app, state);
      isDeleted = true;
      return await app.bucket.update(key, ...rest);
    };
    expect(await deliverRound({ ...app, bucket: { ...app.bucket, update } }, { id })).toBeNull();
    expect(await post.read()).toEqual([]);
    expect(await readDeliveries(app, id)).toEqual([]);
  });
});

describe("the recipients", () => {
  it.each([
    [{ mailTo: "anna@example.com" }, "mailTo"],
    [{ mailTo: [] }, "mailTo"],
    [{ mailTo: ["anna"] }, "mailTo"],
    [{ mailTo: ["anna@example.com", "Anna@example.com"] }, "mailTo"],
    [{ mailTo: ["a@b.nl\r\nBcc: c@d.nl"] }, "mailTo"],
    [{ mailTo: Array.from({ length: 11 }, (_, index) => `a${index}@example.com`) }, "mailTo"],
  ])("are refused as %j", async (body, parameter) => {
    const { ask } = await openMailing();
    const response = await ask("exports", { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ parameter }] });
  });

  it("are refused without a sender, and in a query", async () => {
    const { ask } = await openTestStack(await openTestPortal({}));
    const body = JSON.stringify({ mailTo: ["anna@example.com"], format: "pdf" });
    const response = await ask("exports", { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [
        { parameter: "format" },
        { parameter: "mailTo", detail: expect.stringContaining("MAIL_SENDER") },
      ],
    });
    const queried = await ask("export?mailTo=anna%40example.com");
    expect(await queried.json()).toMatchObject({ errors: [{ parameter: "mailTo" }] });
  });
});

describe("the end of an export", () => {
  it("is told to a webhook once, signed, and without its link", async () => {
    const { start, settle, received } = await openHooked();
    const { id } = await start({ format: "csv" });
    const { deliveries } = await settle(id);
    expect(deliveries).toMatchObject([{ kind: "webhook", to: "address 1", status: "sent", reason: null }]);
    await start({ format: "csv" });
    await sleep(300);
    expect(received).toHaveLength(1);
    const [told = expect.fail("nothing came")] = received;
    expect(verifyWebhook(secret, told)).toMatchObject({
      type: "export.succeeded",
      data: { id, status: "succeeded", result: { rows: 20 } },
    });
    expect(told.body).not.toContain("X-Amz-");
  });

  it("is told also where it has failed", async () => {
    captureOutput();
    const { start, settle, received } = await openHooked([], []);
    const { id } = await start({});
    expect(await settle(id)).toMatchObject({ status: "failed", deliveries: [{ status: "sent" }] });
    const [told = expect.fail("nothing came")] = received;
    expect(verifyWebhook(secret, told)).toMatchObject({
      type: "export.failed",
      data: { id, problem: { code: "portal_scope_missing" } },
    });
  });

  it("is told again until it is taken, as the same event, and no sooner than the receiver wants", async () => {
    const { start, settle, received, executions } = await openHooked([
      [500],
      [429, { "retry-after": "1800" }],
    ]);
    const { id } = await start({});
    expect(statusesOf(await settle(id))).toEqual(["sent"]);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers: { "webhook-id": event } }) => event)).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const pauses = (await readEvents(executions, id))
      .flatMap((one) => (one.kind === "checkpoint" ? one.updates : []))
      .filter(({ Name, Action }) => Action === "START" && Name?.startsWith("delivering-"))
      .map(({ WaitOptions }) => WaitOptions?.WaitSeconds);
    expect(pauses).toEqual([60, 1800]);
  });

  it("is told no more to whom refuses it, which is shown without the address, and the report stands", async () => {
    const output = captureOutput();
    const { start, settle, received, address, ask, app } = await openHooked([[410]]);
    const { id } = await start({});
    const shown = await settle(id);
    expect(shown).toMatchObject({
      status: "succeeded",
      deliveries: [{ status: "failed", reason: "The receiver answered 410." }],
    });
    expect(received).toHaveLength(1);
    expect(listCounted(output(), id)).toEqual(["DeliveriesFailed"]);
    const kept = await Promise.all(
      (await app.bucket.listKeys("")).map(async (key) => await app.bucket.readBytes(key)),
    );
    const texts = [output(), await (await ask(`exports/${id}`, { headers })).text(), ...kept.map(String)];
    for (const one of texts) expect(one).not.toContain(new URL(address).port);
  });
});

describe("the link in a mail", () => {
  it("opens the same options anew once the file is gone, and nothing once it was revoked", async () => {
    const { start, settle, post, ask, app } = await openMailing();
    const { id } = await start({ mailTo: ["anna@example.com"], format: "csv" });
    const { result } = await settle(id);
    const name = result?.file.name ?? "";
    const [mail] = await post.read();
    const path = /\/s\/([\w-]{43})/.exec(mail?.body.text ?? "")?.[0].slice(1) ?? "";
    await app.bucket.removeAll(filePrefix(id));
    const anew = await ask(path, { headers: {} });
    expect(anew.status).toBe(302);
    expect(anew.headers.get("location")).toContain(name);
    expect(anew.headers.get("location")).not.toContain(id);
    const Shares = z.object({ shares: z.array(z.object({ id: z.string(), name: z.string() })) });
    const { shares } = Shares.parse(await (await ask("shares", { headers })).json());
    expect(shares).toEqual([{ id: expect.any(String), name: `Mail: ${name}` }]);
    await ask(`shares/${shares[0]?.id}`, { method: "DELETE", headers });
    expect((await ask(path, { headers: {} })).status).toBe(404);
  });
});
