import { createServer, type IncomingHttpHeaders } from "node:http";
import { text as readText } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import type { SendWebhook } from "../../../functions/adapters/webhook/webhook-client.ts";
import type { AppContext } from "../../../functions/app/context.ts";
import { deliverRound } from "../../../functions/app/delivery/deliver-export.ts";
import { readDeliveries } from "../../../functions/app/delivery/delivery-store.ts";
import { cancelExport } from "../../../functions/app/export/cancel-export.ts";
import { mailExportTo } from "../../../functions/app/export/start-export.ts";
import { exportKey, filePrefix } from "../../../functions/core/basics/bucket-keys.ts";
import { addRecipients, ExportState } from "../../../functions/core/export/export-state.ts";
import { createFastClock } from "../../../local/fast-clock.ts";
import { listen } from "../../../local/loopback-server.ts";
import type { Scope } from "../../../local/portal/portal-store.ts";
import { makeWebhookSecret, verifyWebhook } from "../../support/webhook-fixtures.ts";
import { readMetricLines } from "../../support/log-lines.ts";
import { captureOutput, eventually } from "../../support/captured-output.ts";
import { rawOffers } from "../../support/offer-fixtures.ts";
import { openTestPortal } from "../../support/test-portal.ts";
import { type MailAction, openTestMailServer, type SentMail } from "../../support/test-mail-server.ts";
import { accessToken, openTestStack, type TestStack } from "../../support/test-stack.ts";
import { openVirtualMail } from "../../support/virtual-mail.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

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

/** Adds to a stack what the tests of deliveries do. */
function followDeliveries<S extends TestStack>(stack: S) {
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
      await stack.app.clock.sleep(30_000);
    }
  };
  return { ...stack, show, start, settle };
}

const mailing = { MAIL_SENDER: "reports@example.com", PUBLIC_URL: publicUrl };

/** Opens a stack that sends mails. `decide` chooses what SES does with each mail. */
async function openMailing(decide?: (sent: SentMail, number: number) => MailAction) {
  const post = openVirtualMail(decide);
  const portal = await openVirtualPortal({ offers: rawOffers(20) });
  return { ...followDeliveries(await openVirtualStack(portal, mailing, undefined, post)), post };
}

/** Opens a stack with real servers whose mails go to an emulator of SES. */
async function openRealMailing() {
  const post = await openTestMailServer();
  const portal = await openTestPortal({ offers: rawOffers(20) });
  const stack = await openTestStack(portal, { ...mailing, SES_ENDPOINT: post.url }, createFastClock(500));
  return { ...followDeliveries(stack), post };
}

/** Adds recipients to the export. Returns a round of deliveries before whose first write the export is deleted. */
async function deleteBefore(app: AppContext, id: string): Promise<() => Promise<number | null>> {
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
  return () => deliverRound({ ...app, bucket: { ...app.bucket, update } }, { id });
}

const secret = makeWebhookSecret();

/** Opens a stack with a receiver of webhooks. The receiver gives these answers in turn, and 200 after them. */
async function openHooked(
  answers: [status: number, headers?: Record<string, string>][] = [],
  scopes?: readonly Scope[],
  mail: { settings: object; post?: ReturnType<typeof openVirtualMail> } = { settings: {} },
) {
  const received: ReceivedRequest[] = [];
  const address = "https://hooks.example:47112/a-key";
  const sendWebhook: SendWebhook = async (url, { headers: given, body }) => {
    expect(url.href).toBe(address);
    received.push({ headers: given, body });
    const [status, more = {}] = answers[received.length - 1] ?? [200];
    return { status, headers: more };
  };
  const portal = await openVirtualPortal({ offers: rawOffers(20), ...(scopes && { scopes }) });
  const settings = { WEBHOOKS: address, WEBHOOK_SECRET: secret, ...mail.settings };
  const stack = await openVirtualStack(portal, settings, undefined, { ...mail.post, sendWebhook });
  return { ...followWebhook(stack), address, received };
}

/** Opens a stack with real servers, one of which receives webhooks. */
async function openRealHooked() {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      received.push({ headers: request.headers, body });
      return response.end();
    });
  });
  onTestFinished(() => void server.close());
  const settings = { WEBHOOKS: `${await listen(server, 0)}/a-key`, WEBHOOK_SECRET: secret };
  const portal = await openTestPortal({ offers: rawOffers(20) });
  return { ...followWebhook(await openTestStack(portal, settings, createFastClock(500))), received };
}

function followWebhook<S extends TestStack>(given: S) {
  const stack = followDeliveries(given);
  // Waits until the workflow has added the webhook's delivery, because the request for the export does not add it.
  const settle = async (id: string) => {
    await eventually(async () => expect(await readDeliveries(stack.app, id)).toHaveLength(1));
    return await stack.settle(id);
  };
  return { ...stack, settle };
}

type ReceivedRequest = { headers: IncomingHttpHeaders | Record<string, string>; body: string };

/** Lists the names of the metrics in the log about the export's deliveries. */
const listCounted = (output: string, exportId: string) =>
  readMetricLines(output)
    .filter(({ values }) => values["exportId"] === exportId && values["deliveryId"] !== undefined)
    .flatMap(({ directive }) => directive.Metrics.map(({ Name }) => Name));

const statusesOf = ({ deliveries = [] }: z.infer<typeof Shown>) => deliveries.map(({ status }) => status);

describe("a report with recipients", () => {
  it("is mailed once to each of them, in a mail of their own, with a working link", async () => {
    const { start, settle, post, ask, app } = await openRealMailing();
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

  it("is mailed with tags that identify the delivery of a bounce", async () => {
    const { start, settle, post } = await openMailing();
    const { id } = await start({ mailTo: ["anna@example.com"] });
    await settle(id);
    expect(post.asked[0]?.EmailTags).toEqual([
      { Name: "exportId", Value: id },
      { Name: "deliveryId", Value: expect.stringMatching(/^[0-9a-f]{12}$/) },
    ]);
  });

  it("shows its recipients to holders of the token, and not to visitors of a link", async () => {
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

  it("is mailed once to a recipient of several requests, during and after the export", async () => {
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

  it("is mailed again when SES has not accepted the mail", async () => {
    const fates: MailAction[] = ["throttle", "away", "take"];
    const { start, settle, post, app } = await openMailing((_, number) => fates[number - 1] ?? "take");
    const { id } = await start({ mailTo: ["anna@example.com"] });
    expect(statusesOf(await settle(id))).toEqual(["sent"]);
    expect(post.asked).toHaveLength(3);
    expect(await post.read()).toHaveLength(1);
    // Only the link of the mail that was sent is left. The links of the attempts that sent nothing were revoked.
    expect(await app.bucket.listKeys("shares/")).toHaveLength(1);
  });

  it("remains when its mail is refused, and shows the reason", async () => {
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
    "is not mailed again when the outcome is unknown (%s), and the log omits the address",
    async (fate) => {
      const output = captureOutput();
      const { start, settle, post, app } = await openMailing(() => fate);
      const { id } = await start({ mailTo: ["anna@example.com"] });
      const shown = await settle(id);
      expect(shown.status).toBe("succeeded");
      expect(statusesOf(shown)).toEqual(["unknown"]);
      await app.clock.sleep(24 * 3_600_000);
      expect(post.asked).toHaveLength(1);
      expect(listCounted(output(), id)).toEqual(["DeliveriesUnknown"]);
      expect(output()).not.toContain("anna@");
    },
  );

  it("leaves no address in the bucket when it is deleted", async () => {
    const { start, settle, ask, app, show } = await openMailing();
    const { id } = await start({ mailTo });
    await settle(id);
    expect((await ask(`exports/${id}`, { method: "DELETE", headers })).status).toBe(204);
    expect(await readDeliveries(app, id)).toEqual([]);
    const state = await app.bucket.readBytes(exportKey(id));
    expect(Buffer.from(state ?? []).toString()).not.toContain("example.com");
    expect((await show(id)).deliveries).toEqual([]);
  });
});

describe("a deleted report", () => {
  it("gets no recipients any more", async () => {
    const { start, settle, app, workflow, post } = await openMailing();
    const { id } = await start({ customers: false });
    await settle(id);
    await cancelExport(app, ExportState.parse(await app.bucket.readJson(exportKey(id), ExportState)));
    await expect(mailExportTo({ app, workflow }, id, mailTo)).rejects.toMatchObject({ code: "export_gone" });
    await app.clock.sleep(60_000);
    expect(post.asked).toEqual([]);
    const stored = await app.bucket.readBytes(exportKey(id));
    expect(Buffer.from(stored ?? []).toString()).not.toContain("example.com");
  });
});

describe("a round of deliveries after its export was deleted", () => {
  it("still sends the webhooks", async () => {
    const { start, settle, app, post } = await openMailing();
    const { id } = await start({ customers: false });
    await settle(id);
    const events: string[] = [];
    const hooked: AppContext = {
      ...app,
      webhooks: {
        hooks: [{ id: "hook", url: "https://hooks.example/a-key" }],
        secrets: [secret],
        allowLoopback: false,
      },
      sendWebhook: async (_url, { body }) => {
        events.push(body);
        return { status: 200, headers: {} };
      },
    };
    const deliver = await deleteBefore(hooked, id);
    expect(await deliver()).toBeNull();
    expect(events).toHaveLength(1);
    expect(await post.read()).toEqual([]);
    expect(await readDeliveries(app, id)).toMatchObject([{ kind: "webhook", status: "sent" }]);
  });

  it("sends nothing and leaves no address in the bucket", async () => {
    const { start, settle, app, post } = await openMailing();
    const { id } = await start({ customers: false });
    await settle(id);
    const deliver = await deleteBefore(app, id);
    expect(await deliver()).toBeNull();
    expect(await post.read()).toEqual([]);
    expect(await readDeliveries(app, id)).toEqual([]);
  });
});

describe("recipients", () => {
  it.each([
    [{ mailTo: "anna@example.com" }, "mailTo"],
    [{ mailTo: [] }, "mailTo"],
    [{ mailTo: ["anna"] }, "mailTo"],
    [{ mailTo: ["anna@example.com", "Anna@example.com"] }, "mailTo"],
    [{ mailTo: ["a@b.nl\r\nBcc: c@d.nl"] }, "mailTo"],
    [{ mailTo: Array.from({ length: 11 }, (_, index) => `a${index}@example.com`) }, "mailTo"],
  ])("are refused in %j", async (body, parameter) => {
    const { ask } = await openMailing();
    const response = await ask("exports", { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ parameter }] });
  });

  it("are refused without MAIL_SENDER, and in a query", async () => {
    const { ask } = await openVirtualStack(await openVirtualPortal({}));
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
  it("goes to a webhook once, signed, and without a link", async () => {
    const { start, settle, received, app } = await openRealHooked();
    const { id } = await start({ format: "csv" });
    const { deliveries } = await settle(id);
    expect(deliveries).toMatchObject([{ kind: "webhook", to: "address 1", status: "sent", reason: null }]);
    await start({ format: "csv" });
    await app.clock.sleep(150_000);
    expect(received).toHaveLength(1);
    const [request = expect.fail("nothing came")] = received;
    expect(verifyWebhook(secret, request)).toMatchObject({
      type: "export.succeeded",
      data: { id, status: "succeeded", result: { rows: 20 } },
    });
    expect(request.body).not.toContain("X-Amz-");
  });

  it("goes to a webhook after a failure too", async () => {
    captureOutput();
    const { start, settle, received } = await openHooked([], []);
    const { id } = await start({});
    expect(await settle(id)).toMatchObject({ status: "failed", deliveries: [{ status: "sent" }] });
    const [request = expect.fail("nothing came")] = received;
    expect(verifyWebhook(secret, request)).toMatchObject({
      type: "export.failed",
      data: { id, problem: { code: "portal_scope_missing" } },
    });
  });

  it("is sent again as the same event until it is accepted, after the pause that the receiver asks for", async () => {
    const { start, settle, received, executions } = await openHooked([
      [500],
      [429, { "retry-after": "1800" }],
    ]);
    const { id } = await start({});
    expect(statusesOf(await settle(id))).toEqual(["sent"]);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers: { "webhook-id": event } }) => event)).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const pauses = executions
      .listEvents(id)
      .flatMap((one) => (one.kind === "checkpoint" ? one.updates : []))
      .filter(({ Name, Action }) => Action === "START" && Name?.startsWith("delivering-"))
      .map(({ WaitOptions }) => WaitOptions?.WaitSeconds);
    expect(pauses).toEqual([60, 1800]);
  });

  it("is left to the export's own job by a job that mails the report later", async () => {
    const post = openVirtualMail();
    const { app, start, received } = await openHooked([[500]], undefined, { settings: mailing, post });
    const { id } = await start({});
    await eventually(async () =>
      expect(await readDeliveries(app, id)).toMatchObject([{ status: "waiting" }]),
    );
    await app.bucket.update(exportKey(id), ExportState, (before) => ({
      after: before && addRecipients(before, mailTo),
      answer: null,
    }));
    expect(await deliverRound(app, { id, errand: "later" })).toBeNull();
    expect(received).toHaveLength(1);
    expect(await post.read()).toHaveLength(mailTo.length);
  });

  it("waits for the end of the receiver's pause when its report is deleted meanwhile", async () => {
    const { start, settle, received, app, ask } = await openHooked([[429, { "retry-after": "1800" }]]);
    const { id } = await start({});
    await eventually(async () => expect(received).toHaveLength(1));
    expect((await ask(`exports/${id}`, { method: "DELETE", headers })).status).toBe(204);
    await app.clock.sleep(1_500_000);
    expect(received).toHaveLength(1);
    expect(statusesOf(await settle(id))).toEqual(["sent"]);
    expect(received).toHaveLength(2);
  });

  it("is not sent again after a refusal; the report remains, and the address is not shown", async () => {
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
  it("serves a new report with the same options once the file is gone, and nothing once it is revoked", async () => {
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
