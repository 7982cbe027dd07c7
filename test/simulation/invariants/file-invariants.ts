import { hash } from "node:crypto";
import { deliveriesKey, exportKey, fileKey, filePrefix } from "../../../functions/core/basics/bucket-keys.ts";
import { Deliveries } from "../../../functions/core/delivery/delivery-state.ts";
import { type ExportState, isFinished } from "../../../functions/core/export/export-state.ts";
import { describe } from "./answer-invariants.ts";
import {
  findVersion,
  findVersions,
  listKeys,
  type Observations,
  type ObservedAnswer,
  parseBody,
} from "./observations.ts";
import { listExportIds, listStates, readVersions, type StateVersion } from "./observed-exports.ts";

const digests = new WeakMap<Uint8Array, string>();

function hashBody(body: Uint8Array): string {
  const known = digests.get(body);
  if (known !== undefined) return known;
  const digest = hash("sha256", body);
  digests.set(body, digest);
  return digest;
}

/** From the moment in which a report is published its file has the bytes that the result names, until it is removed. */
export function checkFiles(observed: Observations): string[] {
  return listExportIds(observed).flatMap((id) => {
    const published = listStates(observed, id).find(({ state }) => state.result !== null);
    if (published?.state.result == null) return [];
    const { file } = published.state.result;
    const key = fileKey(id, file.name, file.attempt ?? null);
    const versions = findVersions(observed, key, [published.atMs, Infinity]);
    const [first] = versions;
    if (first?.body == null || first.atMs > published.atMs)
      return [`${key} is not there when its report is published`];
    return versions
      .filter(({ body }) => body !== null && (hashBody(body) !== file.sha256 || body.length !== file.bytes))
      .map(({ by }) => `${key} has other bytes than its report says, written by ${by}`);
  });
}

/** Each signed link in an answer leads to the whole file of its own export. */
export function checkLinks(observed: Observations): string[] {
  return [...observed.answers.flatMap((asked) => checkAnswer(observed, asked)), ...checkShares(observed)];
}

function checkAnswer(observed: Observations, asked: ObservedAnswer): string[] {
  const { answer, path } = asked;
  if (answer === null) return [];
  const idOfPath = /^\/exports\/([0-9a-z-]{35})/.exec(path)?.[1];
  if (answer.statusCode === 302)
    return checkLink(observed, asked, answer.headers["location"] ?? "", idOfPath);
  if (answer.statusCode !== 200 || answer.body === "") return [];
  const body: { id?: string; result?: Linked | null; exports?: { id: string; result?: Linked | null }[] } =
    JSON.parse(answer.body);
  return [body, ...(body.exports ?? [])].flatMap(({ id, result }) =>
    result?.file?.url === undefined ? [] : checkLink(observed, asked, result.file.url, id),
  );
}

type Linked = { file?: { url?: string } };

function checkLink(
  observed: Observations,
  asked: ObservedAnswer,
  url: string,
  id: string | undefined,
): string[] {
  const key = decodeURIComponent(new URL(url).pathname).replace(/^\/reports\//, "");
  const linkedId = key.split("/")[1] ?? "";
  if (id !== undefined && id !== linkedId) return [`${describe(asked)} links to a file of ${linkedId}`];
  const window = [asked.sentMs, asked.answeredMs] as const;
  const states = readVersions(findVersions(observed, exportKey(linkedId), window)).map(({ state }) => state);
  const result = states
    .map((state) => state.result)
    .find((one) => one !== null && keyOf(linkedId, one) === key);
  if (result == null) return [`${describe(asked)} links to ${key}, which no report names`];
  const versions = findVersions(observed, key, window);
  const wrong = versions.filter(({ body }) => body !== null && hashBody(body) !== result.file.sha256);
  if (wrong.length > 0) return [`${describe(asked)} links to ${key}, which has other bytes`];
  const isThere = versions.some(({ body }) => body !== null);
  // A file that was deleted or whose time has passed is missing, and the link says so.
  const wasThere = (observed.objects.get(key) ?? []).some(
    ({ body, atMs }) => body === null && atMs <= window[1],
  );
  return isThere || wasThere ? [] : [`${describe(asked)} links to ${key}, which is not there`];
}

function keyOf(id: string, { file }: NonNullable<ExportState["result"]>): string {
  return fileKey(id, file.name, file.attempt ?? null);
}

/** A permanent link leads to a report with its own options, and to nothing once it is revoked. */
function checkShares(observed: Observations): string[] {
  const made = observed.answers.filter(
    ({ method, path, answer }) => method === "POST" && path === "/shares" && answer?.statusCode === 201,
  );
  return made.flatMap(({ answer, body }) => {
    const { id, url }: { id: string; url: string } = JSON.parse(answer?.body ?? "{}");
    const { options = {} } = (body ?? {}) as { options?: Record<string, unknown> };
    const visits = observed.answers.filter(({ path }) => path === new URL(url).pathname);
    const revokedMs = Math.min(
      ...observed.answers
        .filter(
          (one) => one.method === "DELETE" && one.path === `/shares/${id}` && one.answer?.statusCode === 204,
        )
        .map(({ answeredMs }) => answeredMs),
    );
    return visits.flatMap((visit) => {
      if (visit.answer === null) return [];
      if (visit.sentMs >= revokedMs && visit.answer.statusCode < 404)
        return [`${describe(visit)} -> ${visit.answer.statusCode} after the link was revoked`];
      if (visit.answer.statusCode !== 302) return [];
      const key = decodeURIComponent(new URL(visit.answer.headers["location"] ?? "").pathname);
      const state = listStates(observed, key.split("/")[3] ?? "").at(-1)?.state;
      const isOwn = state !== undefined && hasOptions(state, options);
      return isOwn ? [] : [`${describe(visit)} leads to ${key}, a report with other options`];
    });
  });
}

function hasOptions({ options: stored }: ExportState, options: Record<string, unknown>): boolean {
  const known = new Map<string, unknown>(Object.entries(stored));
  return Object.entries(options).every(
    ([name, value]) => JSON.stringify(known.get(name)) === JSON.stringify(value),
  );
}

/** After a successful DELETE the export stays ended, without recipients, figures and a file. */
export function checkDeletions(observed: Observations): string[] {
  const deleted = new Map<string, number>();
  for (const { method, path, answer, answeredMs } of observed.answers) {
    const id = /^\/exports\/([0-9a-z-]{35})$/.exec(path)?.[1];
    if (method === "DELETE" && id !== undefined && answer?.statusCode === 204 && !deleted.has(id))
      deleted.set(id, answeredMs);
  }
  return [...deleted].flatMap(([id, atMs]) =>
    checkState(listStates(observed, id), atMs).concat(
      listReturned(observed, id, atMs),
      listRecipients(observed, id),
    ),
  );
}

function checkState(versions: StateVersion[], deletedMs: number): string[] {
  const first = versions.findLastIndex(({ atMs }) => atMs <= deletedMs);
  return versions.slice(Math.max(0, first)).flatMap(({ state, atMs }) => {
    const { id, run, result } = state;
    const at = new Date(atMs).toISOString();
    if (!isFinished(state)) return [`${id} is ${state.status} again at ${at}, after it was deleted`];
    if (run.recipients.length > 0 || run.conditionalMail !== null)
      return [`${id} has recipients at ${at}, after it was deleted`];
    return result?.figures != null ? [`${id} has figures at ${at}, after it was deleted`] : [];
  });
}

/** A file of the export that is there when all work has ended. */
function listReturned(observed: Observations, id: string, deletedMs: number): string[] {
  return listKeys(observed, filePrefix(id)).flatMap((key) => {
    const version = findVersion(observed, key, observed.restMs);
    if (version === null) return [];
    const when = version.atMs > deletedMs ? "came after" : "was there before";
    return [`${key} ${when} the deletion, and stays; it was written by ${version.by}`];
  });
}

function listRecipients(observed: Observations, id: string): string[] {
  const version = findVersion(observed, deliveriesKey(id), observed.restMs);
  const mails =
    version === null ? [] : Deliveries.parse(parseBody(version.body)).filter(({ kind }) => kind === "mail");
  return mails.map(({ to }) => `${deliveriesKey(id)} keeps ${to}, although the export was deleted`);
}

/** When the time of every rule of the lifecycle has passed, and somebody has listed the links, nothing is left. */
export function checkLeftovers({ leftovers }: Observations): string[] {
  return leftovers.map((key) => `${key} is left at the end`);
}
