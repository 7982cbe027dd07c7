import { timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";
import type { Bucket } from "../../adapters/bucket/bucket.ts";
import { hashToken } from "../../adapters/bucket/key-hashes.ts";
import { dateNow } from "../../adapters/clock/clock.ts";
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
  shareTokenBytes,
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

/**
 * Creates a share, which is the record of a permanent link. Also returns the link's secret token, of which only a hash
 * is stored.
 */
export async function createShare(
  store: StateStore,
  newValues: NewShare,
): Promise<{ share: Share; token: string }> {
  await makeRoom(store, newValues);
  const token = store.random.bytes(shareTokenBytes).toString("base64url");
  const share = newShare(newValues, hashToken(token), dateNow(store.clock));
  await storeShare(store, share);
  return { share, token };
}

/**
 * Stores the share. Removes it when the write fails, because S3 may have stored it although the response was lost.
 * The caller never gets the token of such a share.
 */
async function storeShare({ bucket }: StateStore, share: Share): Promise<void> {
  const key = shareKey(share.id);
  try {
    await bucket.writeJson(key, share);
  } catch (error) {
    await bucket.remove(key).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes room for a new share. Links in mails have a limit of their own, so that they block no other links. For a link
 * in a mail, removes the oldest links in mails when their limit is reached. For any other link, throws when the limit
 * is reached.
 */
async function makeRoom(store: StateStore, { exportId }: NewShare): Promise<void> {
  const { bucket } = store;
  const shares = await listShares(store);
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

/**
 * Returns the shares that have not expired, sorted from new to old. Reduces an expired share to a tombstone, which only
 * shows that the link existed, and removes old tombstones.
 */
export async function listShares({ bucket, clock }: StateStore): Promise<Share[]> {
  const limitConcurrency = pLimit(maxAtOnce);
  const keys = await bucket.listKeys(sharePrefix);
  const read = await Promise.all(keys.map((key) => limitConcurrency(() => bucket.readJson(key, Share))));
  const shares = read.filter((share) => share !== null);
  const now = dateNow(clock);
  const expired = shares
    .filter((share) => hasShareExpired(share, now))
    .toSorted((a, b) => Date.parse(b.expiresAt) - Date.parse(a.expiresAt));
  const isKept = (share: Share, index: number) => index < maxTombstones && !isTombstoneOver(share, now);
  await Promise.all(
    expired.map((share, index) => limitConcurrency(() => reduceShare(bucket, share, isKept(share, index)))),
  );
  return shares
    .filter((share) => !hasShareExpired(share, now))
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

async function reduceShare(bucket: Bucket, share: Share, isKept: boolean): Promise<void> {
  if (!isKept) await bucket.remove(shareKey(share.id));
  else if (share.name !== "") await bucket.writeJson(shareKey(share.id), makeTombstone(share));
}

export async function revokeShare({ bucket }: StateStore, id: string): Promise<void> {
  if (!isShareId(id) || !(await bucket.exists(shareKey(id)))) throw unknownShareError();
  await bucket.remove(shareKey(id));
}

/**
 * Returns the share with this token. Throws an ExportError when no share has the token, or when the share has expired.
 */
export async function findShareByToken({ bucket, clock }: StateStore, token: string): Promise<Share> {
  if (!isShareToken(token)) throw unknownShareError();
  const tokenSha256 = hashToken(token);
  const share = await bucket.readJson(shareKey(deriveShareId(tokenSha256)), Share);
  if (share === null || !isEqual(share.tokenSha256, tokenSha256)) throw unknownShareError();
  if (hasShareExpired(share, dateNow(clock))) throw expiredShareError();
  return share;
}

/** Compares in constant time, so that timing reveals nothing about the stored hash. */
function isEqual(stored: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}

/** Returns the export that the link in a mail points to; null when the export's file no longer exists. */
export async function findMailedReport(store: StateStore, { exportId }: Share): Promise<ExportState | null> {
  const state = exportId === null ? null : await readIfReadable(store, exportId);
  if (state?.result == null) return null;
  return (await store.bucket.exists(locateFile({ id: state.id, result: state.result }))) ? state : null;
}

const maxAgeMs = dayMs;

/**
 * Returns the last complete report with the share's options. A visitor sees this report while the new report is not
 * ready. Returns null when there is no such report, or when its snapshot is more than a day old.
 */
export async function findStandInReport(
  store: StateStore & Pick<AppContext, "calendar">,
  share: Share,
  request: ExportRequest,
): Promise<FinishedExport | null> {
  const earliest = new Date(dateNow(store.clock).getTime() - maxAgeMs);
  for (const options of listStandInOptions(share, request, store.calendar.dayOf(earliest.getTime()))) {
    const report = await findLastReport(store, options);
    if (report !== null && new Date(report.result.snapshotAt) >= earliest) return report;
  }
  return null;
}
