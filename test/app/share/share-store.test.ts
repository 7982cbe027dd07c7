import { describe, expect, it } from "vitest";
import { openContext } from "../../../functions/app/context.ts";
import { changeExport } from "../../../functions/app/export/export-store.ts";
import { requestExport } from "../../../functions/app/export/start-export.ts";
import {
  createShare,
  findShareByToken,
  findStandInReport,
  listShares,
  revokeShare,
} from "../../../functions/app/share/share-store.ts";
import { exportKey, fileKey, shareKey } from "../../../functions/core/basics/bucket-keys.ts";
import { dayMs, formatDay } from "../../../functions/core/basics/calendar.ts";
import { type ExportResult, failExport, succeedExport } from "../../../functions/core/export/export-state.ts";
import type { ExportRequest } from "../../../functions/core/options/export-request.ts";
import {
  maxMailedShares,
  maxShares,
  maxTombstones,
  newShare,
  resolveShare,
  Share,
} from "../../../functions/core/share/share.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { readBucketObjects } from "../../support/execution-replay.ts";
import { makeExportResult } from "../../support/report-fixtures.ts";
import { worldStartMs } from "../../support/virtual-world.ts";
import { openVirtualPortal, openVirtualStack } from "../../support/virtual-stack.ts";

const given = { name: "Monthly", options: { format: "csv" }, expiresInDays: 30 };
const workflow = { start: async () => undefined };
const unknown = { code: "share_not_found", kind: "missing" };

/** Opens a context with one share, and with a workflow that starts nothing. */
async function openShared() {
  const { app } = await openVirtualStack(await openVirtualPortal({}));
  const { bucket } = app;
  const { share, token } = await createShare(app, given);
  const key = shareKey(share.id);
  const rewrite = async (change: Partial<Share>) => await bucket.writeJson(key, { ...share, ...change });
  const today = app.calendar.dayOf(Date.now());
  const ask = (kept: Share) => resolveShare(kept, today);
  const request = (change: Partial<ExportRequest> = {}) =>
    requestExport(app, workflow, { ...ask(share), ...change, restSeconds: 0 });
  const find = (from = app, kept = share) => findStandInReport(from, kept, ask(kept));
  const finish = async ({ id }: { id: string }, result: Partial<ExportResult> = {}) => {
    const made = makeExportResult(result);
    await changeExport(app, id, (state) => succeedExport(state, made, new Date()));
    await bucket.writeBytes(fileKey(id, made.file.name), "x", { contentType: "" });
    return { id, result: made };
  };
  return { app, bucket, share, token, key, rewrite, today, request, find, finish };
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

describe("a share in the bucket", () => {
  it("has a token of 256 bits that is stored nowhere", async () => {
    const { bucket, token, share, key } = await openShared();
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const texts = [...(await readBucketObjects(bucket))].map(
      ([name, bytes]) => `${name} ${Buffer.from(bytes).toString()}`,
    );
    expect(texts).toEqual([expect.stringContaining(share.tokenSha256)]);
    expect(texts.join()).not.toContain(token);
    expect(await bucket.readJson(key, Share)).toEqual(share);
  });

  it("is found by its token, and not by a token with the same half of the hash", async () => {
    const { app, share, token, rewrite } = await openShared();
    expect(await findShareByToken(app, token)).toEqual(share);
    await rewrite({ tokenSha256: share.id + "0".repeat(32) });
    await expect(findShareByToken(app, token)).rejects.toMatchObject(unknown);
  });

  it.each(["", "nonsense", "..%2Fexports", "x".repeat(43)])("is not found by %j", async (token) => {
    const { app } = await openShared();
    await expect(findShareByToken(app, token)).rejects.toMatchObject(unknown);
  });

  it("is refused from the moment of its expiry, and says so", async () => {
    const { app, token, rewrite } = await openShared();
    await rewrite({ expiresAt: new Date(Date.now() + 5_000).toISOString() });
    await findShareByToken(app, token);
    await rewrite({ expiresAt: new Date(Date.now() - 1).toISOString() });
    await expect(findShareByToken(app, token)).rejects.toMatchObject({ code: "share_expired", kind: "gone" });
  });

  it("is refused once it is revoked, as if it had never existed", async () => {
    const { app, share, token, bucket } = await openShared();
    await revokeShare(app, share.id);
    await expect(findShareByToken(app, token)).rejects.toMatchObject(unknown);
    await expect(revokeShare(app, share.id)).rejects.toMatchObject(unknown);
    await expect(revokeShare(app, "../exports/x")).rejects.toMatchObject(unknown);
    expect(await readBucketObjects(bucket)).toEqual(new Map());
  });
});

describe("the list of shares", () => {
  it("begins with the newest", async () => {
    const { app, share, rewrite } = await openShared();
    await rewrite({ createdAt: hoursAgo(2) });
    const second = (await createShare(app, { ...given, name: "Second" })).share;
    expect((await listShares(app)).map(({ id }) => id)).toEqual([second.id, share.id]);
  });

  it("leaves out expired shares, and removes their names from the bucket", async () => {
    const { app, bucket, token, key, rewrite } = await openShared();
    await rewrite({ expiresAt: new Date(Date.now() - 89 * dayMs).toISOString() });
    expect(await listShares(app)).toEqual([]);
    expect(await bucket.readJson(key, Share)).toMatchObject({ name: "", options: {} });
    await expect(findShareByToken(app, token)).rejects.toMatchObject({ code: "share_expired" });
    await rewrite({ expiresAt: new Date(Date.now() - 91 * dayMs).toISOString() });
    expect(await listShares(app)).toEqual([]);
    expect(await bucket.listKeys("shares/")).toEqual([]);
  });

  it("is limited", async () => {
    const { app, bucket, share } = await openShared();
    const others = Array.from({ length: maxShares - 1 }, (_, index) => index.toString(16).padStart(32, "0"));
    await Promise.all(others.map((id) => bucket.writeJson(shareKey(id), { ...share, id })));
    await expect(createShare(app, given)).rejects.toMatchObject({
      kind: "conflict",
      code: "too_many_shares",
    });
    await revokeShare(app, share.id);
    await createShare(app, given);
  });

  it("counts links in mails separately, and the newest replaces the oldest", async () => {
    const { app, bucket, share } = await openShared();
    const others = Array.from({ length: maxMailedShares }, (_, index) =>
      index.toString(16).padStart(32, "0"),
    );
    const writing = others.map((id, index) => {
      const createdAt = index === 7 ? hoursAgo(1) : share.createdAt;
      return bucket.writeJson(shareKey(id), { ...share, id, createdAt, exportId: "an export" });
    });
    await Promise.all(writing);
    await createShare(app, given);
    const { share: mailed } = await createShare(app, { ...given, exportId: "another" });
    const left = (await listShares(app)).filter(({ exportId }) => exportId !== null);
    expect(left).toHaveLength(maxMailedShares);
    expect(left.map(({ id }) => id)).toContain(mailed.id);
    expect(left.map(({ id }) => id)).not.toContain(others[7]);
  });

  it("ignores expired shares in its limit, and keeps the last hundred tombstones", async () => {
    const { app, bucket, share, rewrite } = await openShared();
    const ids = Array.from({ length: maxTombstones }, (_, index) => index.toString(16).padStart(32, "0"));
    await Promise.all(
      ids.map((id) => bucket.writeJson(shareKey(id), { ...share, id, expiresAt: hoursAgo(1) })),
    );
    await rewrite({ expiresAt: hoursAgo(2) });
    const made = await createShare(app, given);
    expect(await listShares(app)).toEqual([made.share]);
    expect(await bucket.listKeys("shares/")).toEqual([...ids, made.share.id].map(shareKey).toSorted());
  });
});

describe("the stand-in report", () => {
  it("is the last complete one of the same options, from any caller", async () => {
    const { request, finish, find } = await openShared();
    expect(await find()).toBeNull();
    const report = await finish(await request());
    expect(await find()).toEqual(report);
    const { id } = await request({ maxAgeSeconds: 0 });
    expect(await find()).toEqual(report);
    const newer = await finish({ id });
    expect(await find()).toEqual(newer);
  });

  it("stays while newer exports fail, are unreadable or are not complete", async () => {
    captureOutput();
    const { app, bucket, request, finish, find } = await openShared();
    const report = await finish(await request(), { snapshotAt: hoursAgo(2) });
    const failed = await request();
    await changeExport(app, failed.id, (state) => failExport(state, { code: "c", detail: "d" }, new Date(0)));
    expect(await find()).toEqual(report);
    await finish(await request(), { completeness: "uncertain", snapshotAt: hoursAgo(2) });
    expect(await find()).toEqual(report);
    const { id } = await request();
    await bucket.writeBytes(exportKey(id), "{", { contentType: "" });
    await request();
    expect(await find()).toEqual(report);
  });

  it("is an older one when the file of the last one is gone", async () => {
    const { bucket, request, finish, find } = await openShared();
    const report = await finish(await request(), { snapshotAt: hoursAgo(3) });
    const gone = await finish(await request(), { snapshotAt: hoursAgo(2) });
    await bucket.remove(fileKey(gone.id, gone.result.file.name));
    expect(await find()).toEqual(report);
    await request();
    expect(await find()).toEqual(report);
    await bucket.remove(fileKey(report.id, report.result.file.name));
    expect(await find()).toBeNull();
  });

  it("is yesterday's when the link is about the day of the visit", async () => {
    const { app, today, request, finish, find } = await openShared();
    const yesterday = resolveShare(newShare(given, "a".repeat(64), new Date()), today - 1);
    const report = await finish(await request(yesterday), { snapshotAt: hoursAgo(23) });
    expect(await find()).toEqual(report);
    const asOf = formatDay(today);
    const { share } = await createShare(app, { ...given, options: { ...given.options, asOf } });
    expect(await find(app, share)).toBeNull();
  });

  it.each([
    { completeness: "uncertain" as const },
    { snapshotAt: new Date(worldStartMs - 25 * 3_600_000).toISOString() },
  ])("is none with %j", async (result) => {
    const { request, finish, find } = await openShared();
    await finish(await request(), result);
    expect(await find()).toBeNull();
  });

  it.each([{ url: "http://127.0.0.1:9/v1" }, { key: "another-portal-key" }])(
    "is none of another portal: %j",
    async (other) => {
      const { app, request, finish, find } = await openShared();
      await finish(await request());
      const { config } = app;
      expect(await find(openContext({ ...config, portal: { ...config.portal, ...other } }))).toBeNull();
    },
  );
});
