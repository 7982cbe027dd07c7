import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import type { FunctionName } from "../../local/lambda/function-bundle.ts";
import { startCloud } from "../../local/lambda/local-cloud.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { startPortal } from "../../local/portal/portal-server.ts";
import { eventually } from "../support/captured-output.ts";
import { readGraph } from "../support/graph.ts";
import { openTestMailServer } from "../support/test-mail-server.ts";
import { guardBucket, listBucketRights } from "../support/bucket-rights.ts";

const portalKey = "portal-key-of-the-tests";
const roles = {
  http: "HttpRole",
  export: "ExportHandlerRole",
  tick: "TickRole",
  watch: "WatchRole",
  bounce: "BounceRole",
};

/**
 * Rights that this test does not use. Functions need them to clean up after a failed upload, a report that was
 * written but not published, an export whose write S3 did not confirm, and a mail that was not sent.
 */
const rare: Record<FunctionName, string[]> = {
  http: ["s3:DeleteObject exports/"],
  export: [
    "s3:AbortMultipartUpload files/",
    "s3:DeleteObject files/",
    "s3:ListBucket files/",
    "s3:DeleteObject shares/",
  ],
  tick: [],
  watch: [],
  bounce: [],
};

/** A schedule with a tick every five minutes, so that the watch always has a tick to check. */
const SCHEDULES = JSON.stringify([
  { name: "often", expression: "cron(0/5 * * * ? *)", reports: [{ status: ["open"] }, {}] },
]);

const mailing = { MAIL_SENDER: "reports@example.com" };

const Made = z.object({ id: z.string() });
const Share = z.object({ id: z.string(), url: z.string() });
const Export = z.object({ status: z.string(), progress: z.object({ pages: z.number() }) });

async function openCloud() {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-rights-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const keys = { [portalKey]: ["offers.read", "customers.read"] as const };
  const demo = makeDemo({ today: "2026-01-31", offers: 400 });
  const portal = await startPortal({ ...demo, keys, limit: 10, windowMs: 1_000 });
  onTestFinished(() => portal.stop());
  const graph = await readGraph("production", mailing);
  const post = await openTestMailServer();
  const guards = new Map<FunctionName, Awaited<ReturnType<typeof guardBucket>>>();
  const cloud = await startCloud({
    root: resolve(import.meta.dirname, "../.."),
    directory,
    portalKey,
    env: {
      ...mailing,
      PUBLIC_URL: "https://reports.example",
      SES_ENDPOINT: post.url,
      PORTAL_API_URL: portal.url,
      PORTAL_RATE_WINDOW_SECONDS: "1",
      SCHEDULES,
    },
    findEndpoint: async (name, endpoint) => {
      const guard = await guardBucket(endpoint, listBucketRights(graph, roles[name]));
      guards.set(name, guard);
      return guard.url;
    },
  });
  onTestFinished(() => cloud.stop());
  const ask = async (
    path: string,
    init: { method?: string; body?: unknown; token?: boolean; accept?: string; key?: string } = {},
  ) => {
    const { method = "GET", body, token = true, accept = "*/*", key = "rights" } = init;
    return await fetch(new URL(path, cloud.url), {
      method,
      redirect: "manual",
      headers: {
        ...(token && { authorization: `Bearer ${cloud.accessToken}` }),
        accept,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const follow = async (id: string): Promise<string> => {
    for (;;) {
      const { status } = Export.parse(await (await ask(`/exports/${id}`)).json());
      if (["succeeded", "failed"].includes(status)) return status;
      await sleep(200);
    }
  };
  return { cloud, guards, graph, post, ask, follow };
}

it("each function has the rights that it uses, and no other", { timeout: 300_000 }, async () => {
  const { cloud, guards, graph, post, ask, follow } = await openCloud();

  const cancelled = Made.parse(await (await ask("/exports", { method: "POST", body: {} })).json());
  await eventually(async () => {
    const { progress } = Export.parse(await (await ask(`/exports/${cancelled.id}`)).json());
    expect(progress.pages).toBeGreaterThan(0);
  });
  expect((await ask(`/exports/${cancelled.id}`, { method: "DELETE" })).status).toBe(204);
  await eventually(() =>
    expect([...(guards.get("export")?.used ?? [])]).toContain("s3:ListBucket snapshots/"),
  );

  const made = Made.parse(await (await ask("/export?language=en")).json());
  expect(await follow(made.id)).toBe("succeeded");
  const link = (await ask(`/exports/${made.id}/file`)).headers.get("location") ?? "";
  expect((await fetch(link)).status).toBe(200);

  const share = Share.parse(
    await (await ask("/shares", { method: "POST", body: { name: "one", options: {} } })).json(),
  );
  const shared = Made.parse(
    await (await ask(share.url, { token: false, accept: "application/json" })).json(),
  );
  expect(await follow(shared.id)).toBe("succeeded");

  // Requests a mail while a permanent link exists, because the function then lists and reads all links before it adds
  // the mail's link.
  const mailed = { language: "en", mailTo: ["anna@example.com"] };
  expect(await (await ask("/exports", { method: "POST", body: mailed, key: "mail" })).json()).toMatchObject(
    made,
  );
  await eventually(async () => expect(await post.read()).toHaveLength(1));
  const [sent] = post.asked;
  const tags = Object.fromEntries(sent?.EmailTags.map(({ Name, Value }) => [Name, [Value]]) ?? []);
  const Message = JSON.stringify({ eventType: "Complaint", mail: { tags } });
  await cloud.bounce.invoke(JSON.stringify({ Records: [{ Sns: { Message } }] }), "bounce");
  expect(await (await ask(`/exports/${made.id}`)).json()).toMatchObject({
    deliveries: [{ status: "failed" }],
  });

  expect((await ask(share.url, { token: false })).status).toBe(302);
  expect((await ask("/shares")).status).toBe(200);
  expect((await ask(`/shares/${share.id}`, { method: "DELETE" })).status).toBe(204);
  expect(await (await ask("/check")).json()).toMatchObject({ ok: true });

  expect((await ask(`/exports/${made.id}`, { method: "DELETE" })).status).toBe(204);

  const event = JSON.stringify({ schedule: "often", at: "2026-01-31T23:30:00Z" });
  const ids = z.array(z.string()).parse(JSON.parse(await cloud.tick.invoke(event, "tick")));
  expect(await Promise.all(ids.map(follow))).toEqual(["succeeded", "succeeded"]);
  expect(await cloud.watch.invoke("{}", "watch")).toBe("null");

  for (const [name, { used, missing }] of guards) {
    expect({ name, missing: [...missing] }).toEqual({ name, missing: [] });
    const known = new Set([...used, ...rare[name]]);
    const unused = listBucketRights(graph, roles[name]).filter((right) => !known.has(right));
    expect({ name, unused }).toEqual({ name, unused: [] });
  }
});
