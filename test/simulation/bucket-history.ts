import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { openBucket } from "../../functions/adapters/bucket/bucket.ts";
import { uploadObject } from "../../functions/adapters/bucket/multipart-upload.ts";
import { type FaultRates, openFaultSource } from "./fault-source.ts";
import { openHistoryTrace } from "./history-trace.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { openSimulatedProcess, type SimulatedProcess } from "./simulated-process.ts";
import { openSimulatedS3, type S3Fault, type S3Settings, type SimulatedS3 } from "./simulated-s3.ts";
import { openVirtualClock, type VirtualClock } from "./virtual-clock.ts";

/** Several processes that write the same few objects through the bucket's adapter. */
export type BucketHistory = {
  seed: string;
  rates?: FaultRates<S3Fault>;
  defect?: S3Settings["defect"];
  suppressed?: ReadonlySet<string>;
  /** One upload of so many is larger than a part. */
  largeEvery?: number;
};

/** The faults of a bad day: about one request in eleven. A `late` request is a kind of its own: see the tests. */
export const stormyRates: FaultRates<S3Fault> = {
  unsent: 15,
  unanswered: 25,
  busy: 15,
  failed: 10,
  "done and failed": 15,
  cut: 10,
};

const startMs = Date.UTC(2026, 0, 31, 23, 50);
const writers = 4;
const operations = 12;

const Register = z.object({ tokens: z.array(z.string()) });
const Claim = z.object({ owner: z.string() });

/** One call of the adapter. `untilMs` is null while it has no outcome, which is for ever when its process crashed. */
type Call<T> = T & { sinceMs: number; untilMs: number | null; value: unknown };
type Append = Call<{ key: string; token: string }>;
type Read = Call<{ key: string }>;
type Upload = Call<{ key: string; sha256: string; isBroken: boolean }>;

type Observed = {
  appends: Append[];
  reads: Read[];
  claims: Append[];
  uploads: Upload[];
  violations: string[];
};

/** The value of a call that threw an error. */
const failed = Symbol("failed");

/** Runs a history. Returns what it has violated, with the trace. */
export async function runBucketHistory(history: BucketHistory) {
  const { seed, rates = stormyRates, defect, suppressed, largeEvery = 256 } = history;
  const clock = openVirtualClock(startMs);
  const trace = openHistoryTrace(clock.now);
  const faults = openFaultSource(seed, suppressed);
  const s3 = openSimulatedS3({ clock, faults, trace, rates, ...(defect && { defect }) });
  const observed: Observed = { appends: [], reads: [], claims: [], uploads: [], violations: [] };
  const versions = recordVersions(s3, clock);
  const random = createSeededRandom(seed);
  const processes = Array.from({ length: writers }, (_, index) =>
    openSimulatedProcess(`writer-${index}`, seed, clock),
  );
  const ended = processes.map((process) => {
    disturb(process, random, clock);
    return runWriter({ process, s3, clock, seed, observed, largeEvery });
  });
  let endedCount = 0;
  for (const end of ended) void end.then(() => (endedCount += 1));
  await clock.advance();
  const alive = processes.filter((process) => !process.hasCrashed()).length;
  if (endedCount < alive) observed.violations.push("a process waits for ever");
  const { violations } = observed;
  violations.push(
    ...checkRegisters(observed, versions),
    ...checkClaims(observed, s3),
    ...checkUploads(observed, s3),
  );
  return { violations, trace, faults, s3, clock, observed };
}

/** Crashes or freezes a process in one history of three. */
function disturb(process: SimulatedProcess, random: SeededRandom, clock: VirtualClock): void {
  const afterMs = random.draw(5_000);
  const kind = random.draw(6);
  if (kind === 0) clock.schedule(afterMs, process.crash);
  if (kind !== 1) return;
  clock.schedule(afterMs, process.freeze);
  clock.schedule(afterMs + random.draw(120_000), process.thaw);
}

type Writer = {
  process: SimulatedProcess;
  s3: SimulatedS3;
  clock: VirtualClock;
  seed: string;
  observed: Observed;
  largeEvery: number;
};

export const location = {
  name: "reports",
  region: "eu-central-1",
  endpoint: "http://s3.test",
  credentials: { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" },
};

async function runWriter({ process, s3, clock, seed, observed, largeEvery }: Writer): Promise<void> {
  const bucket = openBucket(location, { timer: process.clock.system, random: process.random });
  s3.serve(bucket.s3.client, process);
  const random = createSeededRandom(`${seed} work of ${process.name}`);

  async function call<T>(calls: Call<T>[], made: T, run: () => Promise<unknown>): Promise<void> {
    const entry: Call<T> = { ...made, sinceMs: clock.now(), untilMs: null, value: null };
    calls.push(entry);
    entry.value = await run().catch((error: unknown) => (isOutage(error) ? failed : Promise.reject(error)));
    entry.untilMs = clock.now();
  }

  for (let number = 0; number < operations; number += 1) {
    const token = `${process.name}.${number}`;
    const key = `registers/${random.draw(2)}.json`;
    const kind = random.draw(12);
    await process.clock.sleep(random.draw(400));
    if (kind < 5) {
      await call(observed.appends, { key, token }, () =>
        bucket.update(key, Register, (before) => {
          const tokens = before?.tokens ?? [];
          const after = tokens.includes(token) ? null : { tokens: [...tokens, token] };
          return { after, answer: true };
        }),
      );
    } else if (kind < 7) {
      await call(observed.reads, { key }, () => bucket.readJson(key, Register));
    } else if (kind < 9) {
      const claimKey = `claims/${random.draw(3)}.json`;
      await call(observed.claims, { key: claimKey, token }, () =>
        bucket.replaceJson(claimKey, { owner: token }, null),
      );
    } else if (kind < 11) {
      const isBroken = random.draw(4) === 0;
      const chunks = makeChunks(token, random, random.draw(largeEvery) === 0);
      const upload = { key: `files/${token}`, sha256: hashChunks(chunks), isBroken };
      await call(observed.uploads, upload, () =>
        uploadObject(bucket, { key: upload.key, headers: { contentType: "text/plain" } }, (sink) =>
          pipeline(function* () {
            yield* chunks;
            if (isBroken) throw new BrokenSource("the source of the upload");
          }, sink),
        ),
      );
    } else await removeOwn(process.name);
  }

  async function removeOwn(prefix: string): Promise<void> {
    const names = Array.from({ length: 1 + random.draw(4) }, (_, index) => `own/${prefix}/${index}`);
    try {
      for (const name of names) await bucket.writeJson(name, {});
      await bucket.removeAll(`own/${prefix}/`, (name) => name.endsWith("/3"));
    } catch (error) {
      if (!isOutage(error)) throw error;
      return;
    }
    const left = s3.objects.listKeys(`own/${prefix}/`).filter((name) => !name.endsWith("/3"));
    if (left.length > 0) observed.violations.push(`removed, and still there: ${left.join(", ")}`);
  }
}

class BrokenSource extends Error {}

function isOutage(error: unknown): boolean {
  return (
    error instanceof BrokenSource || (error instanceof Error && "kind" in error && error.kind === "storage")
  );
}

/** Makes the content of an upload. A large one takes more than one part. */
function makeChunks(token: string, random: SeededRandom, isLarge: boolean): string[] {
  const length = 1 + random.draw(20);
  const bytes = isLarge ? 6_000_000 / length : random.draw(200);
  return Array.from({ length }, (_, index) => {
    const line = `${token} ${index};`;
    return line.repeat(1 + bytes / line.length);
  });
}

function hashChunks(chunks: string[]): string {
  return createHash("sha256").update(chunks.join("")).digest("hex");
}

/** A version of an object, and the time from which on it was the object's value. */
type Version = { fromMs: number; tokens: string[] };

function recordVersions(s3: SimulatedS3, clock: VirtualClock): Map<string, Version[]> {
  const versions = new Map<string, Version[]>();
  s3.watch((request, answer) => {
    if (request.kind !== "put" || answer.kind === "refused" || !request.key.startsWith("registers/")) return;
    const known = versions.get(request.key) ?? [];
    versions.set(request.key, known);
    known.push({ fromMs: clock.now(), ...Register.parse(JSON.parse(Buffer.from(request.body).toString())) });
  });
  return versions;
}

/**
 * Checks that all calls of a register could have happened one after the other, each at one moment between its start and
 * its end. The accepted writes give the order. So each must extend the one before, and a read must return the version
 * of some moment of the read.
 */
function checkRegisters({ appends, reads }: Observed, versions: Map<string, Version[]>): string[] {
  const violations: string[] = [];
  for (const [key, known] of versions) {
    for (const [index, { tokens }] of known.entries()) {
      const before = known[index - 1]?.tokens ?? [];
      if (tokens.slice(0, -1).join() !== before.join())
        violations.push(`${key}: version ${index + 1} loses an update`);
    }
  }
  for (const { key, token, value, sinceMs, untilMs } of appends) {
    const known = versions.get(key) ?? [];
    const entered = known.find(({ tokens }) => tokens.includes(token));
    const times = known.at(-1)?.tokens.filter((other) => other === token).length ?? 0;
    if (times > 1) violations.push(`${key}: ${token} was added ${times} times`);
    if (value !== true || untilMs === null) continue;
    if (entered === undefined) violations.push(`${key}: ${token} was confirmed and is not there`);
    else if (entered.fromMs < sinceMs || entered.fromMs > untilMs)
      violations.push(`${key}: ${token} was added before or after its call`);
  }
  for (const { key, value, sinceMs, untilMs } of reads) {
    if (untilMs === null || value === failed) continue;
    const text = JSON.stringify(value);
    const known = [{ fromMs: -Infinity, tokens: null }, ...(versions.get(key) ?? [])];
    const isCurrent = known.some(({ fromMs, tokens }, index) => {
      const endMs = known[index + 1]?.fromMs ?? Infinity;
      return fromMs <= untilMs && endMs >= sinceMs && JSON.stringify(tokens && { tokens }) === text;
    });
    if (!isCurrent) violations.push(`${key}: a read returned no value of its time`);
  }
  return violations;
}

/** Checks that each claim has at most one winner, and that the stored claim is the winner's. */
function checkClaims({ claims }: Observed, { objects }: SimulatedS3): string[] {
  const violations: string[] = [];
  for (const [key, tried] of Map.groupBy(claims, (claim) => claim.key)) {
    const winners = tried.filter(({ value }) => value === true);
    const stored = objects.find(key);
    const owner = stored && Claim.parse(JSON.parse(Buffer.from(stored.body).toString())).owner;
    if (winners.length > 1) violations.push(`${key}: ${winners.length} processes hold the claim`);
    if (winners.some(({ token }) => token !== owner)) violations.push(`${key}: the claim is another's`);
    const hasOutcome = tried.every(({ untilMs, value }) => untilMs !== null && value !== failed);
    if (owner === null && hasOutcome) violations.push(`${key}: all were refused, and nobody holds the claim`);
  }
  return violations;
}

/** Counts the calls that failed although nothing was wrong with what they were given. */
export function countFailures({ appends, reads, claims, uploads }: Observed): number {
  const calls = [...appends, ...reads, ...claims, ...uploads.filter(({ isBroken }) => !isBroken)];
  return calls.filter(({ value }) => value === failed).length;
}

/** Checks that an uploaded object is whole or absent, and that it is there once the upload has succeeded. */
function checkUploads({ uploads }: Observed, { objects }: SimulatedS3): string[] {
  const violations: string[] = [];
  for (const { key, sha256, isBroken, value, untilMs } of uploads) {
    const stored = objects.find(key);
    const storedHash = stored && createHash("sha256").update(stored.body).digest("hex");
    if (storedHash !== null && (isBroken || storedHash !== sha256)) violations.push(`${key}: is not whole`);
    const isDone = untilMs !== null && value !== failed;
    if (isDone && storedHash === null) violations.push(`${key}: was uploaded and is not there`);
    if (isDone && z.object({ sha256: z.string() }).parse(value).sha256 !== sha256)
      violations.push(`${key}: has another hash than its upload says`);
  }
  return violations;
}
