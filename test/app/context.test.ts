import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { runStepAttempt } from "../../functions/adapters/bucket/ndjson.ts";
import type { MailClient } from "../../functions/adapters/mail/ses-client.ts";
import type { Random } from "../../functions/adapters/random/random.ts";
import type { SendWebhook } from "../../functions/adapters/webhook/webhook-client.ts";
import { readHttpConfig } from "../../functions/adapters/settings/settings.ts";
import { openPageFiles } from "../../functions/api/page-route.ts";
import { openApi } from "../../functions/api/router.ts";
import { openContext } from "../../functions/app/context.ts";
import { deliverRound } from "../../functions/app/delivery/deliver-export.ts";
import { readDeliveries } from "../../functions/app/delivery/delivery-store.ts";
import { presentExport } from "../../functions/app/export/download-link.ts";
import { listExports } from "../../functions/app/export/export-store.ts";
import { requestExport } from "../../functions/app/export/start-export.ts";
import {
  createTickHandler,
  createWatchHandler,
  openScheduleContext,
} from "../../functions/app/schedule/scheduled-reports.ts";
import { createShare } from "../../functions/app/share/share-store.ts";
import { exportKey } from "../../functions/core/basics/bucket-keys.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { defaultSchedules } from "../../functions/core/schedule/schedules.ts";
import { startFunctionUrl } from "../../local/function-url/url-server.ts";
import { finishExport, startExport } from "../support/export-requests.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { makeShare } from "../support/share-requests.ts";
import { fakeClock, openTestPortal, shiftedClock } from "../support/test-portal.ts";
import { openTestBucket, openTestStack, readTestConfig } from "../support/test-stack.ts";
import { makeSucceededExport, makeWebhookSecret, verifyWebhook } from "../support/webhook-fixtures.ts";

const startMs = Date.UTC(2031, 1, 3, 12);
const idle = { start: async () => undefined };
const invocation = { awsRequestId: "one" };
const inYear = (year: number) => expect.stringMatching(new RegExp(`^${year}-`));
const given = { name: "Monthly", options: { format: "csv" }, expiresInDays: 30 };

/** Makes a source of values that only seem random: it counts. */
function createCounter(): Random {
  let count = 0;
  const next = (size: number) => Buffer.alloc(size, (count += 1));
  return {
    bytes: next,
    uuid: () => next(16).toString("hex"),
    fraction: () => (next(1)[0] ?? 0) / 256,
  };
}

/** Does what needs time, random values and the portal. Returns all results. */
async function useContext() {
  const clock = fakeClock(startMs);
  const urls: string[] = [];
  const fetch = async (url: unknown) => {
    urls.push(String(url));
    return Response.json({ data: [], next_page_url: null });
  };
  const config = readTestConfig(await openTestBucket(), { url: "https://portal.invalid/v1" });
  const app = openContext(config, { clock, random: createCounter(), fetch });
  const request = parseQuery(new URLSearchParams("format=csv"), app.calendar.dayOf(clock.now()));
  const state = await requestExport(app, idle, request);
  const link = await createShare(app, given);
  const attemptId = await runStepAttempt(app, async ({ id }) => id);
  const attempt = { now: clock.now, signal: new AbortController().signal };
  const { value: page } = await app.portal.requestPage(1, attempt);
  return { state, link, attemptId, page, urls };
}

/** Makes the settings and the ports of a function that starts exports. `started` gets the ids of the exports. */
async function openFunction() {
  const { name, endpoint, credentials } = await openTestBucket();
  const started: string[] = [];
  const env = {
    PORTAL_API_URL: "https://portal.invalid/v1",
    PORTAL_API_KEY: "key-of-the-portal",
    ACCESS_TOKEN: "a-token-of-the-tests",
    REPORT_BUCKET: name,
    EXPORT_WORKFLOW: "export",
    EXPORT_WORKFLOW_QUALIFIER: "live",
    S3_ENDPOINT: endpoint ?? "",
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey,
  };
  const workflow = { start: async (id: string) => void started.push(id) };
  return { env, started, ports: { clock: fakeClock(startMs), workflow } };
}

/** Opens a context with these ports, and stores an export in it whose mail and webhook wait to be sent. */
async function openDelivering(openMailClient: () => MailClient, sendWebhook: SendWebhook) {
  const mailer = { MAIL_SENDER: "reports@example.com", PUBLIC_URL: "https://reports.example" };
  const config = readTestConfig(await openTestBucket(), { url: "https://portal.invalid/v1" }, mailer);
  const secret = makeWebhookSecret();
  const hook = { id: "0123456789ab", url: "https://hooks.invalid/a-key" };
  const webhooks = { hooks: [hook], secrets: [secret], allowLoopback: false };
  const clock = fakeClock(startMs);
  const app = openContext(config, { clock, webhooks, openMailClient, sendWebhook });
  const made = makeSucceededExport();
  const state = { ...made, run: { ...made.run, recipients: ["anna@example.com"] } };
  await app.bucket.writeJson(exportKey(state.id), state);
  return { app, id: state.id, secret };
}

describe("the context of the use cases", () => {
  it("is their only way to mails and webhooks", async () => {
    const mailed: unknown[] = [];
    const posted: [url: string, request: Parameters<SendWebhook>[1]][] = [];
    let closed = 0;
    const client: MailClient = {
      send: async ({ input }) => {
        mailed.push(input.Destination?.ToAddresses);
        return { MessageId: "one" };
      },
      destroy: () => void (closed += 1),
    };
    const { app, id, secret } = await openDelivering(
      () => client,
      async (url, request) => {
        posted.push([url.href, request]);
        return { status: 503, headers: { "retry-after": "7200" } };
      },
    );
    expect(await deliverRound(app, { id })).toBe(7_200);
    expect([mailed, closed]).toEqual([[["anna@example.com"]], 1]);
    const [[url, { headers, body }] = expect.fail("nothing was posted")] = posted;
    expect(url).toBe("https://hooks.invalid/a-key");
    expect(headers["webhook-timestamp"]).toBe(String(startMs / 1000));
    expect(() => verifyWebhook(secret, { headers, body })).toThrow("timestamp too new");
    expect((await readDeliveries(app, id)).map(({ kind, status }) => [kind, status])).toEqual([
      ["mail", "sent"],
      ["webhook", "waiting"],
    ]);
  });

  it("gives the date of a link's signature", async () => {
    const config = readTestConfig(await openTestBucket(), { url: "https://portal.invalid/v1" });
    const app = openContext(config, { clock: fakeClock(startMs) });
    const shown = await presentExport(app, makeSucceededExport());
    const { url = "", urlExpiresAt } = shown.result?.file ?? {};
    expect(new URL(url).searchParams.get("X-Amz-Date")).toBe("20310203T120000Z");
    expect(urlExpiresAt).toBe(new Date(startMs + app.config.linkSeconds * 1000).toISOString());
  });

  it("and the start of exports can be replaced in the scheduled functions", async () => {
    const { env, ports, started } = await openFunction();
    const context = openScheduleContext(env, ports);
    const event = { schedule: "monthly", at: "2031-02-01T05:00:00Z" };
    const ids = await createTickHandler(context)(event, invocation);
    expect(new Set(started)).toEqual(new Set(ids));
    const made = await listExports(context.app);
    expect(made.map(({ createdAt }) => createdAt)).toEqual(ids.map(() => new Date(startMs).toISOString()));
  });

  it("and the start of exports can be replaced in the function behind the URL", async () => {
    const { env, ports, started } = await openFunction();
    const api = openApi(readHttpConfig(env), openPageFiles("nowhere"), ports);
    const front = await startFunctionUrl({ port: 0, handler: api, functionName: "http" });
    onTestFinished(() => front.stop());
    const response = await fetch(`${front.url}exports`, { method: "POST" });
    const made = z.object({ id: z.string(), createdAt: z.string() }).parse(await response.json());
    expect(made.createdAt).toBe(new Date(startMs).toISOString());
    expect(started).toEqual([made.id]);
  });

  it("is their only source of time, random values and answers of the portal", async () => {
    const results = await useContext();
    expect(await useContext()).toEqual(results);
    const { state, link, urls } = results;
    expect(state.createdAt).toBe(new Date(startMs).toISOString());
    expect(link.share.createdAt).toBe(new Date(startMs).toISOString());
    expect(urls).toEqual(["https://portal.invalid/v1/customer-offers?page=1"]);
  });

  it("gives exports, links and schedules the same time", async () => {
    const clock = shiftedClock();
    const moveTo = (ms: number) => clock.shift(ms - clock.now());
    moveTo(startMs);
    const stack = await openTestStack(await openTestPortal({ offers: rawOffers(3), clock }), {}, clock);
    const { app, ask } = stack;
    const shown = await finishExport(stack, await startExport(stack));
    expect(shown).toMatchObject({ status: "succeeded", options: { asOf: "2031-02-03" } });
    expect([shown.createdAt, shown.result?.file["urlExpiresAt"]]).toEqual([inYear(2031), inYear(2031)]);

    const { url, expiresAt } = await makeShare(stack);
    expect((await ask(url)).status).toBe(302);
    moveTo(Date.parse(expiresAt));
    expect((await ask(url)).status).toBe(410);

    moveTo(Date.UTC(2032, 2, 1, 5, 30));
    await createWatchHandler({ app, workflow: idle, schedules: defaultSchedules })({}, invocation);
    const scheduled = (await listExports(app)).filter(({ run }) => run.schedule !== null);
    expect(scheduled.map(({ options }) => options.asOf)).toEqual(["2032-02-29", "2032-02-29"]);
  });
});
