import { randomBytes, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashToken } from "../../adapters/bucket/key-hashes.ts";
import { shareKey, sharePrefix } from "../../core/basics/bucket-keys.ts";
import { dayMs } from "../../core/basics/calendar.ts";
import { ExportError } from "../../core/basics/errors.ts";
import { type ExportState, locateFile } from "../../core/export/export-state.ts";
import type { ExportRequest } from "../../core/options/export-request.ts";
import {
  expiredShareError,
  hasShareExpired,
  isShareId,
  isShareToken,
  isTombstoneOver,
  listStandInOptions,
  makeTombstone,
  maxMailedShares,
  maxShares,
  maxTombstones,
  newShare,
  type NewShare,
  Share,
  deriveShareId,
  unknownShareError,
} from "../../core/share/share.ts";
import type { AppContext, StateStore } from "../context.ts";
import { findLastReport, type FinishedExport, readIfReadable } from "../export/export-store.ts";

/** The token is nowhere but in this answer. */
export async function createShare(
  store: StateStore,
  given: NewShare,
): Promise<{ share: Share; token: string }> {
  await makeRoom(store, given);
  const token = randomBytes(32).toString("base64url");
  const share = newShare(given, hashToken(token), new Date());
  await keepShare(store, share);
  return { share, token };
}

/** A write that was taken although its answers were lost would leave a link whose token nobody has. */
async function keepShare({ bucket }: StateStore, share: Share): Promise<void> {
  const key = shareKey(share.id);
  try {
    await bucket.writeJson(key, share);
  } catch (error) {
    await bucket.remove(key).catch(() => undefined);
    throw error;
  }
}

/** Mails must keep nobody from making a link, nor many links a mail from being sent. */
async function makeRoom({ bucket, config }: StateStore, { exportId }: NewShare): Promise<void> {
  const shares = await listShares({ bucket, config });
  const mailed = shares.filter((share) => share.exportId !== null);
  if (exportId === undefined && shares.length - mailed.length >= maxShares) throw tooManyShares();
  const dropped = exportId === undefined ? [] : mailed.slice(maxMailedShares - 1);
  await Promise.all(dropped.map(({ id }) => bucket.remove(shareKey(id))));
}

function tooManyShares(): ExportError {
  const detail = `There are ${maxShares} permanent links, and there may be no more. Revoke one that nobody needs.`;
  return new ExportError("conflict", "too_many_shares", detail);
}

const maxAtOnce = 10;

/** Those that have not expired, newest first; cleans up after the others. */
export async function listShares({ bucket }: StateStore): Promise<Share[]> {
  const atOnce = pLimit(maxAtOnce);
  const keys = await bucket.listKeys(sharePrefix);
  const read = await Promise.all(keys.map((key) => atOnce(() => bucket.readJson(key, Share))));
  const shares = read.filter((share) => share !== null);
  const now = new Date();
  const expired = shares
    .filter((share) => hasShareExpired(share, now))
    .toSorted((a, b) => Date.parse(b.expiresAt) - Date.parse(a.expiresAt));
  const isKept = (share: Share, index: number) => index < maxTombstones && !isTombstoneOver(share, now);
  await Promise.all(expired.map((share, index) => atOnce(() => bury(bucket, share, isKept(share, index)))));
  return shares
    .filter((share) => !hasShareExpired(share, now))
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

async function bury(bucket: Bucket, share: Share, isKept: boolean): Promise<void> {
  if (!isKept) await bucket.remove(shareKey(share.id));
  else if (share.name !== "") await bucket.writeJson(shareKey(share.id), makeTombstone(share));
}

/** From now on its link is refused. */
export async function revokeShare({ bucket }: StateStore, id: string): Promise<void> {
  if (!isShareId(id) || !(await bucket.exists(shareKey(id)))) throw unknownShareError();
  await bucket.remove(shareKey(id));
}

/** The share of the link with that token; throws when there is none, or none any more. */
export async function findShareByToken({ bucket }: StateStore, token: string): Promise<Share> {
  if (!isShareToken(token)) throw unknownShareError();
  const tokenSha256 = hashToken(token);
  const share = await bucket.readJson(shareKey(deriveShareId(tokenSha256)), Share);
  if (share === null || !isEqual(share.tokenSha256, tokenSha256)) throw unknownShareError();
  if (hasShareExpired(share, new Date())) throw expiredShareError();
  return share;
}

/** In a time that tells nothing of either. */
function isEqual(stored: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}

/** The very report that a mail links to, while its file is there. */
export async function findMailedReport(store: StateStore, { exportId }: Share): Promise<ExportState | null> {
  const state = exportId === null ? null : await readIfReadable(store, exportId);
  if (state?.result == null) return null;
  return (await store.bucket.exists(locateFile({ id: state.id, result: state.result }))) ? state : null;
}

const maxAgeMs = dayMs;

/** The last complete report that may stand in for what a visit of the share asks for: it is a day old at most. */
export async function findStandInReport(
  store: Pick<AppContext, "bucket" | "config" | "calendar">,
  share: Share,
  request: ExportRequest,
): Promise<FinishedExport | null> {
  const now = new Date();
  const earliest = new Date(now.getTime() - maxAgeMs);
  for (const options of listStandInOptions(share, request, store.calendar.dayOf(earliest.getTime()))) {
    const report = await findLastReport(store, options);
    if (report !== null && new Date(report.result.snapshotAt) >= earliest) return report;
  }
  return null;
}
