import { createHash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { Problem, Progress, readJson } from "../../functions/core/basics/stored-values.ts";

const ExportReply = z.object({
  options: z.object({ asOf: z.string(), period: z.string().nullable() }),
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

export type FinishedExport = Pick<z.infer<typeof ExportReply>, "options"> & {
  result: NonNullable<z.infer<typeof ExportReply>["result"]>;
};

/** The function URL and an access token. */
export type Access = { url: string; accessToken: string };

type Print = (line: string) => void;

/**
 * Polls an export until it finishes, prints each change of its progress and returns its result. Throws when the export
 * fails.
 */
export async function followExport(
  path: string,
  { url, accessToken }: Access,
  print: Print,
): Promise<FinishedExport> {
  const headers = { authorization: `Bearer ${accessToken}`, prefer: "wait=5" };
  let printed = "";
  for (let address = path; ; await sleep(pauseMs)) {
    const response = await fetch(new URL(address, url), { headers });
    if (!response.ok) throw new Error(`the export failed: ${readDetail(await response.text())}`);
    const { options, status, progress, result, problem } = ExportReply.parse(await response.json());
    if (result !== null) return { options, result };
    if (status === "failed") throw new Error(`the export failed: ${problem?.detail}`);
    const line = describeProgress(progress);
    if (line !== printed) print(line);
    printed = line;
    address = response.headers.get("location") ?? address;
  }
}

const pauseMs = 1_000;

const ProblemAnswer = z.object({ detail: z.string() });

/** Returns the detail of an error response as one line, or the whole text when it is no problem of the API. */
function readDetail(text: string): string {
  const { detail } = ProblemAnswer.safeParse(readJson(text)).data ?? { detail: text };
  return detail.replaceAll(/\s+/g, " ");
}

function describeProgress({ pages, offers, waitingUntil, estimatedFinishAt }: Progress): string {
  const describe = (text: string, moment: string | null) =>
    moment === null ? "" : `; ${text} ${new Date(moment).toLocaleTimeString("nl")}`;
  const wait = describe("waiting for the rate limit until", waitingUntil);
  return `${pages} pages, ${offers} offers so far${wait}${describe("done at about", estimatedFinishAt)}`;
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
