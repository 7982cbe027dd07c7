import { describe, expect, it } from "vitest";
import { dayMs } from "../../functions/core/calendar.ts";
import { type Result, succeedExport } from "../../functions/core/export.ts";
import { fileKey, shareKey } from "../../functions/core/key.ts";
import { mostShares, Share } from "../../functions/core/share.ts";
import { resolveShare } from "../../functions/core/visit.ts";
import { changeExport } from "../../functions/io/exports.ts";
import {
  createShare,
  findShare,
  findStandIn,
  listShares,
  revokeShare,
  visitShare,
} from "../../functions/io/shares.ts";
import { openWorld } from "../../functions/io/world.ts";
import { captureOutput } from "../support/capture.ts";
import { openTestPortal } from "../support/portal.ts";
import { readObjects } from "../support/replay.ts";
import { makeResult } from "../support/result.ts";
import { openTestStack } from "../support/stack.ts";

const given = { name: "Monthly", options: { format: "csv" }, expiresInDays: 30 };
const workflow = { start: async () => undefined };
const unknown = { code: "share_not_found", kind: "missing" };

/** A world whose workflow starts nothing, and one share in it. */
async function openShared() {
  const { world } = await openTestStack(await openTestPortal({}));
  const { bucket } = world;
  const { share, token } = await createShare(world, given);
  const key = shareKey(share.id);
  const rewrite = async (change: Partial<Share>) => await bucket.writeJson(key, { ...share, ...change });
  const ask = (kept: Share) => resolveShare(kept, world.calendar.dayOf(Date.now()));
  const visit = async (from = world) => {
    const kept = await findShare(world, token);
    return await visitShare(from, workflow, kept, ask(kept));
  };
  const finish = async (id: string, result: Partial<Result> = {}) => {
    const made = makeResult(result);
    await changeExport(world, id, (state) => succeedExport(state, made, new Date()));
    await bucket.writeBytes(fileKey(id, made.file.name), "x", { contentType: "" });
    return { id, result: made };
  };
  return { world, bucket, share, token, key, rewrite, visit, finish };
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

describe("a share in the bucket", () => {
  it("has a token of 256 bits, which is nowhere but in its link", async () => {
    const { bucket, token, share, key } = await openShared();
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const texts = [...(await readObjects(bucket))].map(
      ([name, bytes]) => `${name} ${Buffer.from(bytes).toString()}`,
    );
    expect(texts).toEqual([expect.stringContaining(share.tokenSha256)]);
    expect(texts.join()).not.toContain(token);
    expect(await bucket.readJson(key, Share)).toEqual(share);
  });

  it("is found by its token, and by no other of which half the hash is the same", async () => {
    const { world, share, token, rewrite } = await openShared();
    expect(await findShare(world, token)).toEqual(share);
    await rewrite({ tokenSha256: share.id + "0".repeat(32) });
    await expect(findShare(world, token)).rejects.toMatchObject(unknown);
  });

  it.each(["", "nonsense", "..%2Fexports", "x".repeat(43)])("is not found by %j", async (token) => {
    const { world } = await openShared();
    await expect(findShare(world, token)).rejects.toMatchObject(unknown);
  });

  it("is refused from the moment that it expires, and says so", async () => {
    const { world, token, rewrite } = await openShared();
    await rewrite({ expiresAt: new Date(Date.now() + 5_000).toISOString() });
    await findShare(world, token);
    await rewrite({ expiresAt: new Date(Date.now() - 1).toISOString() });
    await expect(findShare(world, token)).rejects.toMatchObject({ code: "share_expired", kind: "gone" });
  });

  it("is refused once it was revoked, as if it had never been", async () => {
    const { world, share, token, bucket } = await openShared();
    await revokeShare(world, share.id);
    await expect(findShare(world, token)).rejects.toMatchObject(unknown);
    await expect(revokeShare(world, share.id)).rejects.toMatchObject(unknown);
    await expect(revokeShare(world, "../exports/x")).rejects.toMatchObject(unknown);
    expect(await readObjects(bucket)).toEqual(new Map());
  });
});

describe("the list of shares", () => {
  it("begins with the newest, and forgets those that expired long ago", async () => {
    const { world, bucket, share, rewrite } = await openShared();
    await rewrite({ createdAt: hoursAgo(2) });
    const second = (await createShare(world, { ...given, name: "Second" })).share;
    expect((await listShares(world)).map(({ id }) => id)).toEqual([second.id, share.id]);
    await rewrite({ expiresAt: new Date(Date.now() - 89 * dayMs).toISOString() });
    expect(await listShares(world)).toHaveLength(2);
    await rewrite({ expiresAt: new Date(Date.now() - 91 * dayMs).toISOString() });
    expect(await listShares(world)).toEqual([second]);
    expect(await bucket.listKeys("shares/")).toEqual([shareKey(second.id)]);
  });

  it("has an end", async () => {
    const { world, bucket, share } = await openShared();
    const others = Array.from({ length: mostShares - 1 }, (_, index) => index.toString(16).padStart(32, "0"));
    await Promise.all(others.map((id) => bucket.writeJson(shareKey(id), { ...share, id })));
    await expect(createShare(world, given)).rejects.toMatchObject({
      kind: "conflict",
      code: "too_many_shares",
    });
    await revokeShare(world, share.id);
    await createShare(world, given);
  });
});

describe("a visit", () => {
  it("writes the share only when it is given another export", async () => {
    const { bucket, key, visit, finish } = await openShared();
    const first = await visit();
    const { tag, value } = (await bucket.readTagged(key, Share)) ?? {};
    expect(value).toMatchObject({ newestId: first.state.id, completeId: null });
    expect((await visit()).state.id).toBe(first.state.id);
    await finish(first.state.id);
    expect((await visit()).state).toMatchObject({ id: first.state.id, status: "succeeded" });
    expect((await bucket.readTagged(key, Share))?.tag).toBe(tag);
  });

  it("remembers one and the same export when twenty come at once", async () => {
    const { bucket, key, visit } = await openShared();
    const visits = await Promise.all(Array.from({ length: 20 }, () => visit()));
    const ids = new Set(visits.map(({ state }) => state.id));
    expect(ids.size).toBe(1);
    expect(await bucket.readJson(key, Share)).toMatchObject({ newestId: [...ids][0] });
    expect(await bucket.listKeys("exports/")).toHaveLength(1);
  });

  it("is refused when the share is revoked meanwhile", async () => {
    const { world, share, token } = await openShared();
    const kept = await findShare(world, token);
    await revokeShare(world, share.id);
    const request = resolveShare(kept, world.calendar.dayOf(Date.now()));
    await expect(visitShare(world, workflow, kept, request)).rejects.toMatchObject(unknown);
    expect(await listShares(world)).toEqual([]);
  });

  it("passes over a former export that cannot be read", async () => {
    captureOutput();
    const { bucket, visit, finish } = await openShared();
    const { state } = await visit();
    await finish(state.id, { snapshotAt: hoursAgo(2) });
    await bucket.writeBytes(`exports/${state.id}.json`, "{", { contentType: "" });
    expect((await visit()).share).toMatchObject({ completeId: null });
  });
});

describe("the report that stands in", () => {
  /** Two visits: the first was given a complete report of two hours ago, the second an export that runs. */
  async function openStandIn(result: Partial<Result> = {}) {
    const shared = await openShared();
    const first = await shared.visit();
    const report = await shared.finish(first.state.id, { snapshotAt: hoursAgo(2), ...result });
    return { ...shared, report, second: await shared.visit() };
  }

  it("is the last complete one", async () => {
    const { world, report, second } = await openStandIn();
    expect(second.state.id).not.toBe(report.id);
    expect(await findStandIn(world, second)).toEqual(report);
  });

  it.each([{ completeness: "uncertain" as const }, { snapshotAt: hoursAgo(25) }])(
    "is none that has %j",
    async (result) => {
      const { world, second } = await openStandIn(result);
      expect(await findStandIn(world, second)).toBeNull();
    },
  );

  it("is none whose file is gone", async () => {
    const { world, bucket, report, second } = await openStandIn();
    await bucket.remove(fileKey(report.id, report.result.file.name));
    expect(await findStandIn(world, second)).toBeNull();
  });

  it.each([{ url: "http://127.0.0.1:9/v1" }, { key: "another-portal-key" }])(
    "is none of another portal: %j",
    async (other) => {
      const { world, visit } = await openStandIn();
      const { config } = world;
      const another = openWorld({ ...config, portal: { ...config.portal, ...other } });
      expect(await findStandIn(another, await visit(another))).toBeNull();
    },
  );
});
