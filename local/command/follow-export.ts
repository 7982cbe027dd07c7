import { createHash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { Problem, Progress, readJson } from "../../functions/core/basics/stored-values.ts";
import { Options } from "../../functions/core/options/export-options.ts";
import type { Access } from "../control-socket.ts";
import { describeTime } from "./report-times.ts";

const ExportReply = z.object({
  id: z.string(),
  createdAt: z.string(),
  options: Options,
  status: z.enum(["queued", "running", "succeeded", "failed"]),
  progress: Progress,
  result: z
    .object({
      offers: z.number(),
      rows: z.number(),
      requests: z.number(),
      snapshotAt: z.string(),
      completeness: z.string(),
      remarks: z.array(z.string()),
      file: z.object({ name: z.string(), url: z.string(), sha256: z.string() }),
    })
    .nullable(),
  problem: Problem.nullable(),
});
type ExportReply = z.infer<typeof ExportReply>;

export type FinishedExport = Pick<ExportReply, "id" | "options"> & {
  result: NonNullable<ExportReply["result"]>;
  origin: ExportOrigin;
};

/**
 * `new`: the command made the export. `continued`: the export was running or interrupted before. `reused`: it had finished
 * before.
 */
export type ExportOrigin = "new" | "continued" | "reused";

type Follow = {
  /** An export that was created before this moment, in ms since 1970, is not the command's own. */
  sinceMs?: number;
  /** Called once, as soon as it is known whether the command makes the export. */
  onBegin?: (origin: ExportOrigin) => void;
  print: (line: string) => void;
};

/**
 * Polls an export until it finishes, prints each change of its progress and returns its result. Throws when the export
 * fails.
 */
export async function followExport(
  path: string,
  { url, accessToken, zone }: Access,
  { sinceMs = Date.now(), onBegin, print }: Follow,
): Promise<FinishedExport> {
  let printed = "";
  let origin: ExportOrigin | null = null;
  for (let address = path; ; await sleep(pauseMs)) {
    // The first answer comes at once, because it tells whether the export is new.
    const headers = { authorization: `Bearer ${accessToken}`, prefer: `wait=${origin === null ? 0 : 5}` };
    const response = await fetch(new URL(address, url), { headers });
    if (!response.ok) throw new Error(`the export failed: ${readDetail(await response.text())}`);
    const reply = ExportReply.parse(await response.json());
    const { id, options, status, progress, result, problem } = reply;
    if (origin === null) {
      origin = findOrigin(reply, sinceMs);
      onBegin?.(origin);
    }
    if (result !== null) return { id, options, result, origin };
    if (status === "failed") throw new Error(`the export failed: ${problem?.detail}`);
    const line = describeProgress(progress, zone, new Date());
    if (line !== printed) print(line);
    printed = line;
    address = response.headers.get("location") ?? address;
  }
}

const pauseMs = 1_000;

function findOrigin({ createdAt, result }: ExportReply, sinceMs: number): ExportOrigin {
  if (Date.parse(createdAt) >= sinceMs) return "new";
  return result === null ? "continued" : "reused";
}

const ProblemAnswer = z.object({ detail: z.string() });

/** Returns the detail of an error response as one line, or the whole text when it is no problem of the API. */
function readDetail(text: string): string {
  const { detail } = ProblemAnswer.safeParse(readJson(text)).data ?? { detail: text };
  return detail.replaceAll(/\s+/g, " ");
}

/**
 * Describes the progress so that the end of a long line matters least. Does not name the cause of a wait, which may be the
 * rate limit or a portal that does not answer.
 */
export function describeProgress(progress: Progress, zone: string, now: Date): string {
  const { pages, offers, waitingUntil, estimatedFinishAt } = progress;
  const describe = (text: string, moment: string | null) =>
    moment === null ? [] : [`${text} ${describeTime(moment, zone, now)}`];
  return [
    ...describe("done at about", estimatedFinishAt),
    `${pages} pages, ${offers} offers so far`,
    ...describe("waiting until", waitingUntil),
  ].join("; ");
}

/**
 * Downloads the report of a finished export and saves it at `path`. The path never shows half a file: the report gets
 * another name until it is complete, and nothing of it stays when the process ends before that.
 */
export async function saveFile({ result: { file } }: FinishedExport, path: string): Promise<void> {
  const response = await fetch(file.url);
  if (!response.ok || response.body === null) throw new Error(`the file's link answered ${response.status}`);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.part`;
  const removeDraft = () => rmSync(draft, { force: true });
  process.once("exit", removeDraft);
  const hash = createHash("sha256");
  try {
    await pipeline(
      response.body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(draft),
    );
    if (hash.digest("hex") !== file.sha256) throw new Error("the file's link did not answer with the file");
    await rename(draft, path);
  } finally {
    removeDraft();
    process.off("exit", removeDraft);
  }
}
