import { randomBytes, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";
import { ExportError } from "../core/error.ts";
import type { ExportState } from "../core/export.ts";
import { parseId } from "../core/id.ts";
import { fileKey, shareKey, sharePrefix } from "../core/key.ts";
import type { ExportRequest } from "../core/request.ts";
import {
  expiredShare,
  hasExpired,
  isForgotten,
  isShareId,
  isToken,
  mostShares,
  nameShare,
  newShare,
  type NewShare,
  Share,
  unknownShare,
} from "../core/share.ts";
import { type Finished, noteVisit, standsIn } from "../core/visit.ts";
import { readIfReadable, requestExport } from "./exports.ts";
import { hashOptions, hashToken } from "./hash.ts";
import type { Workflow } from "./workflow.ts";
import type { Store } from "./world.ts";

/** The token is nowhere but in this answer. */
export async function createShare(store: Store, given: NewShare): Promise<{ share: Share; token: string }> {
  const shares = await listShares(store);
  if (shares.length >= mostShares) throw tooManyShares();
  const token = randomBytes(32).toString("base64url");
  const share = newShare(given, hashToken(token), new Date());
  await store.bucket.writeJson(shareKey(share.id), share);
  return { share, token };
}

function tooManyShares(): ExportError {
  const detail = `There are ${mostShares} permanent links, and there may be no more. Revoke one that nobody needs.`;
  return new ExportError("conflict", "too_many_shares", detail);
}

const mostAtOnce = 10;

/** Newest first; forgets those that expired long ago. */
export async function listShares({ bucket }: Store): Promise<Share[]> {
  const atOnce = pLimit(mostAtOnce);
  const keys = await bucket.listKeys(sharePrefix);
  const read = await Promise.all(keys.map((key) => atOnce(() => bucket.readJson(key, Share))));
  const shares = read.filter((share) => share !== null);
  const now = new Date();
  const forgotten = shares.filter((share) => isForgotten(share, now));
  await Promise.all(forgotten.map(({ id }) => atOnce(() => bucket.remove(shareKey(id)))));
  return shares
    .filter((share) => !isForgotten(share, now))
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

/** From now on its link is refused. */
export async function revokeShare({ bucket }: Store, id: string): Promise<void> {
  if (!isShareId(id) || !(await bucket.exists(shareKey(id)))) throw unknownShare();
  await bucket.remove(shareKey(id));
}

/** The share of the link with that token; throws when there is none, or none any more. */
export async function findShare({ bucket }: Store, token: string): Promise<Share> {
  if (!isToken(token)) throw unknownShare();
  const tokenSha256 = hashToken(token);
  const share = await bucket.readJson(shareKey(nameShare(tokenSha256)), Share);
  if (share === null || !isEqual(share.tokenSha256, tokenSha256)) throw unknownShare();
  if (hasExpired(share, new Date())) throw expiredShare();
  return share;
}

/** In a time that tells nothing of either. */
function isEqual(stored: string, given: string): boolean {
  return timingSafeEqual(Buffer.from(stored), Buffer.from(given));
}

export type Visit = { share: Share; request: ExportRequest; state: ExportState };

/** Gives the visit its export. The share is written only when that is another one than the last time. */
export async function visitShare(
  store: Store,
  workflow: Workflow,
  share: Share,
  request: ExportRequest,
): Promise<Visit> {
  const state = await requestExport(store, workflow, request);
  return { share: await rememberVisit(store, share, state.id), request, state };
}

/** Of visits at once the first is remembered. */
async function rememberVisit(store: Store, share: Share, id: string): Promise<Share> {
  if (id === share.newestId) return share;
  const former = share.newestId === null ? null : await readIfReadable(store, share.newestId);
  const after = await store.bucket.update(shareKey(share.id), Share, (before) => {
    if (before === null || before.newestId !== share.newestId) return { after: null, answer: before };
    const noted = noteVisit(before, id, former);
    return { after: noted, answer: noted };
  });
  if (after === null) throw unknownShare();
  return after;
}

/** The last complete report of the share, of the same portal, where it may stand in and is still there. */
export async function findStandIn(store: Store, visit: Visit): Promise<Finished | null> {
  const { completeId } = visit.share;
  const state = completeId === null ? null : await readIfReadable(store, completeId);
  if (state === null || !standsIn(state, visit.request, new Date()) || !isOfPortal(store, state)) return null;
  const { id, result } = state;
  return (await store.bucket.exists(fileKey(id, result.file.name))) ? { id, result } : null;
}

/** Its id was made of its options, the portal and the key: with another portal it would be another. */
function isOfPortal({ config }: Store, { id, options }: ExportState): boolean {
  return parseId(id)?.optionsKey === hashOptions(config, options);
}
