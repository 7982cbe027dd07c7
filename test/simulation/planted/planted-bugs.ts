import type { Invariant } from "../invariants/invariants.ts";

/** A bug for the simulation to find, and the invariants that it violates. */
export type PlantedBug = {
  name: string;
  patches: readonly Patch[];
  invariants: readonly Invariant[];
};

/**
 * A change of the source of `file`, a path below `functions/`. The text `find`, which the file contains exactly once,
 * is replaced by `replace`.
 */
export type Patch = { file: string; find: string; replace: string };

/** Returns the source of a file with its patches. */
export function applyPatches(source: string, patches: readonly Patch[]): string {
  return patches.reduce((patched, { find, replace }) => patched.replace(find, () => replace), source);
}

/** Bugs that the service could have. Where two defences guard against one fault, a bug removes both. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a late write of a step replaces what the step has stored",
    patches: [
      {
        file: "adapters/bucket/ndjson.ts",
        find: 'const id = random.bytes(6).toString("hex");',
        replace: 'const id = "000000000000";',
      },
      { file: "adapters/bucket/ndjson.ts", find: "keys.push(key);", replace: "" },
      {
        file: "adapters/bucket/ndjson.ts",
        find: "if (sha256 !== null && hashBytes(body) !== sha256) throw new AlteredError();",
        replace: "",
      },
    ],
    invariants: ["no complete report lacks or invents an offer"],
  },
  {
    name: "a second crawl starts while the first holds the lease",
    patches: [
      {
        file: "core/snapshot/crawl-registry.ts",
        find: "if (lease !== null && lease.holderId !== request.id && isAlive(lease, now))",
        replace: "if (lease !== null && lease.holderId !== request.id && !isAlive(lease, now))",
      },
    ],
    invariants: ["at most one crawl per key"],
  },
  {
    name: "another export's lease counts as one's own",
    patches: [
      {
        file: "core/snapshot/crawl-registry.ts",
        find: "return lease?.holderId === holderId && lease.reads === reads ? lease : null;",
        replace: "return lease?.reads === reads ? lease : null;",
      },
    ],
    invariants: ["at most one crawl per key"],
  },
  {
    name: "a refused conditional write counts as done",
    patches: [
      {
        file: "adapters/bucket/bucket.ts",
        find: "if (isWriteConflict(error)) return false;",
        replace: "if (isWriteConflict(error)) return true;",
      },
    ],
    invariants: ["at most one crawl per key"],
  },
  {
    name: "a mail is sent again after its attempt has died",
    patches: [
      {
        file: "core/delivery/delivery-state.ts",
        find: 'if (hasDied && delivery.kind === "mail")',
        replace: 'if (hasDied && delivery.kind !== "mail")',
      },
    ],
    invariants: ["a mail is sent at most once, or is unknown"],
  },
  {
    name: "an error 500 of SES counts as not sent",
    patches: [
      {
        file: "adapters/mail/ses-client.ts",
        find: "if (status === 429 || status === 503 || retryableErrors.has(name))",
        replace: "if (status === 429 || status >= 500 || retryableErrors.has(name))",
      },
    ],
    invariants: ["a mail is sent at most once, or is unknown"],
  },
  {
    name: "a mail without an answer of SES is sent again",
    patches: [
      {
        file: "adapters/mail/ses-client.ts",
        find: 'return { kind: "lost", reason: `SES gave no answer. ${unsure}`, retryAfterMs: null };',
        replace: 'return { kind: "busy", reason: `SES gave no answer. ${unsure}`, retryAfterMs: null };',
      },
    ],
    invariants: ["a mail is sent at most once, or is unknown"],
  },
  {
    name: "the first page without a next page ends the list",
    patches: [
      {
        file: "core/crawl/read-window.ts",
        find: "const hasEarlyEnd = pages.some(",
        replace:
          "const last = pages.findIndex((page) => page.isLast && !isBeyondEnd(page));\n" +
          "  if (last >= 0) pages.length = last + 1;\n" +
          "  const hasEarlyEnd = pages.some(",
      },
      {
        file: "core/crawl/window-proof.ts",
        find: "if (isBehind || areNewOffers(next, crawl, [...seenIds, ...boundary.ids]))",
        replace: "if (isBehind || seenIds.length >= 0)",
      },
      {
        file: "core/crawl/consistency-check.ts",
        find: "return { ...crawl, highest: { number: page.number, ids: page.ids } };",
        replace: "return crawl;",
      },
    ],
    invariants: ["no complete report lacks or invents an offer"],
  },
  {
    name: "offers that a shift has hidden are not looked for",
    patches: [
      {
        file: "core/crawl/window-proof.ts",
        find: "if (hidden > 0)",
        replace: "if (hidden > 1_000)",
      },
    ],
    invariants: ["no complete report lacks or invents an offer"],
  },
  {
    name: "an offer that was read twice is listed twice",
    patches: [
      {
        file: "app/snapshot/snapshot-reader.ts",
        find: "if (id === null || isNew(id)) yield offer;",
        replace: "if (id === null || isNew(id) || id !== null) yield offer;",
      },
    ],
    invariants: ["no complete report lacks or invents an offer"],
  },
  {
    name: "a report is published before its file is stored",
    patches: [
      {
        file: "adapters/bucket/multipart-upload.ts",
        find: "await Promise.all([write(meter), sending]);",
        replace: "await write(meter);",
      },
    ],
    invariants: ["a published file is whole"],
  },
  {
    name: "a file returns after its export was deleted",
    patches: [
      {
        file: "app/report/publish-report.ts",
        find: "return (await tidyFiles(app, id)) === key;",
        replace: "return key !== null;",
      },
    ],
    invariants: ["nothing deleted returns"],
  },
  {
    name: "the late result of a deleted export is stored",
    patches: [
      {
        file: "app/export/export-store.ts",
        find: "const after = before === null || isFinished(before) ? null : change(before);",
        replace: "const after = before === null ? null : change(before);",
      },
    ],
    invariants: ["nothing deleted returns"],
  },
  {
    name: "a deleted export keeps its file",
    patches: [
      { file: "app/export/cancel-export.ts", find: "await bucket.removeAll(filePrefix(id));", replace: "" },
    ],
    invariants: ["nothing deleted returns"],
  },
  {
    name: "a deleted export keeps its recipients",
    patches: [
      {
        file: "app/export/cancel-export.ts",
        find: "markDeleted(isFinished(before) ? omitFigures(before) : cancel(before))",
        replace: "(isFinished(before) ? omitFigures(before) : cancel(before))",
      },
    ],
    invariants: ["nothing deleted returns"],
  },
  {
    name: "a revoked link still leads to its report",
    patches: [
      {
        file: "app/share/share-store.ts",
        find: "throw unknownShareError();\n  await bucket.remove(shareKey(id));",
        replace: "throw unknownShareError();",
      },
    ],
    invariants: ["no link leads to a partial or foreign file"],
  },
  {
    name: "an expired link is kept for ever",
    patches: [
      {
        file: "app/share/share-store.ts",
        find: "if (!isKept) await bucket.remove(shareKey(share.id));",
        replace: "if (!isKept) return;",
      },
    ],
    invariants: ["nothing is left after the lifecycle's time"],
  },
  {
    name: "the pause that the portal asks for is halved",
    patches: [
      {
        file: "core/rate-limit/rate-limit.ts",
        find: "closedUntilMs: Math.max(limit.closedUntilMs, opensMs, nowMs + growPause(refusals, limit.windowMs)),",
        replace: "closedUntilMs: nowMs + (opensMs - nowMs) / 2,",
      },
    ],
    invariants: ["no request beyond the limit"],
  },
  {
    name: "a repeated tick makes another report",
    patches: [
      {
        file: "app/schedule/scheduled-reports.ts",
        find: "const idParts = { startedMs: at, optionsKey: hashReport(app.config, options) };",
        replace: "const idParts = { startedMs: now.getTime(), optionsKey: hashReport(app.config, options) };",
      },
    ],
    invariants: ["each scheduled report exists exactly once"],
  },
  {
    name: "a webhook is sent before its receiver's pause is over",
    patches: [
      {
        file: "core/delivery/delivery-state.ts",
        find: "if (!isDue || isPaused(delivery, attempt, speed)) return",
        replace: "if (!isDue || (isPaused(delivery, attempt, speed) && speed > 1)) return",
      },
    ],
    invariants: ["a webhook is delivered or given up as documented"],
  },
  {
    name: "a webhook is given up after its first lost answer",
    patches: [
      {
        file: "core/delivery/delivery-state.ts",
        find: 'if (kind === "lost" && delivery.kind === "mail") return { ...delivery, status: "unknown", reason };',
        replace: 'if (kind === "lost") return { ...delivery, status: "unknown", reason };',
      },
    ],
    invariants: ["a webhook is delivered or given up as documented"],
  },
  {
    name: "a finished export is shown from a cache",
    patches: [
      {
        file: "app/export/export-store.ts",
        find: "const state = await store.bucket.readJson(exportKey(id), ExportState);",
        replace:
          "const known = ((globalThis as any).finished ??= new Map());\n" +
          "  const state = known.get(id) ?? (await store.bucket.readJson(exportKey(id), ExportState));\n" +
          "  if (state !== null && isFinished(state)) known.set(id, state);",
      },
    ],
    invariants: ["what GET says agrees with what is stored"],
  },
];
