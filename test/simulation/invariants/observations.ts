import type { HttpAnswer } from "../../../functions/api/http-messages.ts";
import type { ScheduledReport } from "../world/history-plan.ts";
import type { UserRequest } from "../world/http-event.ts";
import type { OfferFields } from "./report-oracle.ts";
import type { SimulatedS3 } from "../s3/simulated-s3.ts";

/** The bytes of an object from `atMs` until the next version; null from its removal on. */
export type ObjectVersion = {
  atMs: number;
  body: Uint8Array | null;
  /** The process that wrote or removed the object. Empty when the bucket's lifecycle removed it. */
  by: string;
};

/** A request to the function URL, and its answer; null when the caller got none. */
export type ObservedAnswer = UserRequest & {
  who: string;
  sentMs: number;
  answeredMs: number;
  answer: HttpAnswer | null;
};

/** A request for offers, and the export for which a process sent it. */
export type ObservedReading = {
  atMs: number;
  process: string;
  exportId: string;
  /** True when the invocation that sent the request counts as ended. */
  isLate: boolean;
  /** The export that held the lease at this moment; null for none. */
  holderId: string | null;
};

/** A mail that SES accepted. */
export type ObservedMail = { atMs: number; exportId: string; deliveryId: string; to: string };

/** A webhook that reached its receiver. `status` is the receiver's answer; null when the sender did not get it. */
export type ObservedWebhook = {
  sentAtMs: number;
  /** True when the invocation that sent it counts as ended. */
  isLate: boolean;
  atMs: number;
  id: string;
  receiver: string;
  status: number | null;
  /** The moment before which the receiver wants no other request. */
  restUntilMs: number | null;
};

/** An offer through time, as the portal has it: from `fromMs` to its deletion at `toMs`. */
export type ObservedOffer = {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly current: { readonly fields: OfferFields };
  /** All versions, oldest first. Null when there has been only one. */
  readonly versions: readonly { sinceMs: number; version: { readonly fields: OfferFields } }[] | null;
};

/** What was seen of a history from outside the service. The invariants read nothing else. */
export type Observations = {
  objects: ReadonlyMap<string, readonly ObjectVersion[]>;
  answers: readonly ObservedAnswer[];
  readings: readonly ObservedReading[];
  mails: readonly ObservedMail[];
  webhooks: readonly ObservedWebhook[];
  /** The requests that the portal refused although its answers had told that they were free. */
  excesses: readonly string[];
  reports: readonly ScheduledReport[];
  /** The messages of the alarms: errors of the watch, and mails of which nobody knows whether they were sent. */
  alarms: readonly { atMs: number; text: string }[];
  /** The errors that nobody expected. */
  errors: readonly string[];
  offers: ReadonlyMap<string, ObservedOffer>;
  /** True when the portal kept the promises on which the completeness of a report rests. */
  isPortalOrderly: boolean;
  /** The time from which nothing goes wrong any more, the end of all work, and the end of the history. */
  calmMs: number;
  restMs: number;
  endMs: number;
  /** The executions of workflows, with their status at the end of all work. */
  executions: readonly { name: string; status: string }[];
  /** What is left in the bucket at the end, objects and open uploads. */
  leftovers: readonly string[];
};

const watched = ["exports/", "files/", "deliveries/", "shares/", "claims/", "snapshots/"];

/** Records each version of each object. Bodies of the snapshots are not kept. */
export function recordObjects(s3: SimulatedS3, now: () => number): Map<string, ObjectVersion[]> {
  const objects = new Map<string, ObjectVersion[]>();
  const add = (key: string, body: Uint8Array | null, by: string) => {
    if (!watched.some((prefix) => key.startsWith(prefix))) return;
    const versions = objects.get(key);
    const version = { atMs: now(), body: body !== null && isPart(key) ? empty : body, by };
    if (versions === undefined) objects.set(key, [version]);
    else versions.push(version);
  };
  s3.watch((request, answer, by) => {
    if (answer.kind !== "done") return;
    if (request.kind === "put" || request.kind === "complete-upload")
      add(request.key, s3.objects.find(request.key)?.body ?? null, by);
    if (request.kind === "delete" && objects.get(request.key)?.at(-1)?.body != null)
      add(request.key, null, by);
  });
  return objects;
}

const empty = new Uint8Array();

/** True for the large objects of a snapshot, whose contents no invariant looks at. */
function isPart(key: string): boolean {
  return key.startsWith("snapshots/") && key.endsWith(".gz");
}

/** Records the objects that the bucket's lifecycle has removed. */
export function recordExpired(objects: Map<string, ObjectVersion[]>, keys: string[], atMs: number): void {
  for (const key of keys) objects.get(key)?.push({ atMs, body: null, by: "" });
}

/** Returns the versions of the object that were current at some moment of the time, both ends included. */
export function findVersions(
  { objects }: Pick<Observations, "objects">,
  key: string,
  [fromMs, untilMs]: readonly [number, number],
): ObjectVersion[] {
  const versions = objects.get(key) ?? [];
  const first = versions.findLastIndex(({ atMs }) => atMs < fromMs);
  return versions.filter(({ atMs }, index) => index >= first && atMs <= untilMs);
}

/** Returns the last version of the object at the moment; null when it did not exist. */
export function findVersion(
  { objects }: Pick<Observations, "objects">,
  key: string,
  atMs = Infinity,
): (ObjectVersion & { body: Uint8Array }) | null {
  const version = objects.get(key)?.findLast((one) => one.atMs <= atMs);
  return version === undefined || version.body === null ? null : { ...version, body: version.body };
}

export function listKeys({ objects }: Pick<Observations, "objects">, prefix: string): string[] {
  return [...objects.keys()].filter((key) => key.startsWith(prefix));
}

export function parseBody(body: Uint8Array): unknown {
  return JSON.parse(Buffer.from(body).toString());
}
