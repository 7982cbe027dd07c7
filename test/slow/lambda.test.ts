import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type Cloud, startCloud } from "../../local/lambda/local-cloud.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { type Portal, startPortal } from "../../local/portal/portal-server.ts";
import { markSecret } from "../support/written-output.ts";
import { readLogLines } from "../support/log-lines.ts";
import { readWorkbook } from "../support/workbook-reader.ts";

const root = resolve(import.meta.dirname, "../..");
const portalKey = "portal-key-of-the-tests";
const noticeSecret = markSecret("portal-webhook-secret-of-the-functions");
const offers = 400;
/** A rate limit that allows about a third of the list's pages in a second, so that the workflow has to wait. */
const limit = { limit: 10, windowMs: 1_000 };

let directory: string;
let portal: Portal;
let cloud: Cloud;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "offer-export-lambda-"));
  const keys = { [portalKey]: ["offers.read", "customers.read"] as const };
  portal = await startPortal({ ...makeDemo({ today: "2026-01-31", offers }), keys, ...limit });
  const env = { PORTAL_API_URL: portal.url, PORTAL_RATE_WINDOW_SECONDS: "1" };
  const portalWebhookSecrets = `offer-accepted=${noticeSecret}`;
  cloud = await startCloud({ root, directory, portalKey, portalWebhookSecrets, env });
  markSecret(cloud.accessToken);
});

afterAll(async () => {
  await cloud.stop();
  await portal.stop();
  await rm(directory, { recursive: true });
});

function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(path, cloud.url), { redirect: "manual", headers });
}

function askAsCaller(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return ask(path, { authorization: `Bearer ${cloud.accessToken}`, ...headers });
}

const Followed = z.object({
  status: z.string(),
  result: z
    .object({
      rows: z.number(),
      completeness: z.string(),
      file: z.object({ bytes: z.number(), sha256: z.string(), url: z.string() }),
    })
    .nullable(),
});

async function followExport(location: string): Promise<z.infer<typeof Followed>> {
  for (;;) {
    const followed = Followed.parse(await (await askAsCaller(location)).json());
    if (["succeeded", "failed"].includes(followed.status)) return followed;
    await sleep(200);
  }
}

describe("the functions as they are deployed, in AWS's runtime", () => {
  it("make a workbook: from a request at the URL, through a workflow that waits, to the link", async () => {
    const begun = await askAsCaller("/export?language=en", { prefer: "respond-async" });
    expect(begun.status).toBe(202);
    const { status, result } = await followExport(begun.headers.get("location") ?? "");
    expect({ status, ...result }).toMatchObject({
      status: "succeeded",
      rows: offers,
      completeness: "complete",
    });

    const file = Buffer.from(await (await fetch(result?.file.url ?? "")).arrayBuffer());
    expect(file.length).toBe(result?.file.bytes);
    expect(createHash("sha256").update(file).digest("hex")).toBe(result?.file.sha256);
    const sheet = (await readWorkbook(file)).getWorksheet("Offers");
    expect(sheet?.rowCount).toBe(1 + offers);

    // Each wait ends an invocation. The next invocation loads the history from Lambda's API.
    expect(cloud.workflow.invocations.length).toBeGreaterThan(2);
    const lines = readLogLines(cloud.workflow.readLogs());
    const [exportId] = (begun.headers.get("location") ?? "").split("/").slice(-1);
    for (const line of lines)
      expect(line).toMatchObject({
        service: "offer-export-local",
        level: "INFO",
        exportId,
        requestId: expect.stringMatching(/./),
        executionId: expect.stringMatching(/./),
      });
    const steps = lines.map(({ step }) => step);
    expect(steps).toContain("report");
    expect(new Set(steps).size).toBe(steps.length);
  });

  it("give the page to a browser, and only a refusal to a caller without a token", async () => {
    const page = await ask("/", { accept: "text/html" });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const html = await page.text();
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    const answers = await Promise.all(assets.map((path) => ask(path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const refusal = await ask("/exports", { authorization: "Bearer wrong-token-of-the-tests" });
    expect([refusal.status, await refusal.json()]).toEqual([
      401,
      expect.objectContaining({ code: "unauthorized" }),
    ]);
  });

  it("answer problems, and log each with its route, without the request's content", async () => {
    const before = readLogLines(cloud.http.readLogs()).length;
    const unknown = await askAsCaller("/exports/zd34hk55g-000000000000-000000000000");
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      expect.objectContaining({ code: "export_not_found" }),
    ]);
    expect((await askAsCaller("/export?format=pdf")).status).toBe(400);
    await vi.waitFor(() =>
      expect(readLogLines(cloud.http.readLogs()).slice(before)).toMatchObject([
        { message: "request", route: "/exports/{id}", status: 404 },
        { message: "request", route: "/export", status: 400 },
      ]),
    );
    expect(cloud.http.readLogs()).not.toContain("pdf");
  });

  it("accept the portal's webhooks, with the secret that they are linked to", async () => {
    const tell = (secret: string) =>
      fetch(new URL("/portal/offer-accepted", cloud.url), {
        method: "POST",
        headers: { "x-webhook-signature": secret },
        body: Buffer.from("off_abc12345def678"),
      });
    expect((await tell("portal-webhook-secret-of-nobody")).status).toBe(403);
    expect((await tell(noticeSecret)).status).toBe(204);
    await vi.waitFor(() =>
      expect(readLogLines(cloud.http.readLogs()).at(-1)).toMatchObject({
        route: "/portal/{type}",
        status: 204,
      }),
    );
  });

  it("handle a tick of the schedule, twice, and watch it", async () => {
    const event = JSON.stringify({ schedule: "monthly", at: "2026-01-31T23:30:00Z" });
    const ids = z.array(z.string()).parse(JSON.parse(await cloud.tick.invoke(event, "first")));
    const followed = await Promise.all(ids.map((id) => followExport(`/exports/${id}`)));
    expect(followed.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
    expect(followed[1]?.result?.rows).toBe(offers);
    expect(JSON.parse(await cloud.tick.invoke(event, "second"))).toEqual(ids);
    expect(await cloud.watch.invoke("{}", "watch")).toBe("null");
    await vi.waitFor(() => {
      expect(readLogLines(cloud.tick.readLogs())).toMatchObject([
        { message: "tick", requestId: "first", schedule: "monthly", exports: 2 },
        { message: "tick", requestId: "second", schedule: "monthly", exports: 2 },
      ]);
      expect(readLogLines(cloud.watch.readLogs())).toMatchObject([
        { message: "watch", requestId: "watch", overdue: 0 },
      ]);
    });
  });
});
