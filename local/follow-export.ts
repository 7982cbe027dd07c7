import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { Problem, Progress } from "../functions/core/basics/stored-values.ts";

const Followed = z.object({
  options: z.object({ asOf: z.string(), period: z.string().nullable() }),
  status: z.enum(["queued", "running", "succeeded", "failed"]),
  progress: Progress,
  result: z
    .object({
      offers: z.number(),
      rows: z.number(),
      requests: z.number(),
      file: z.object({ name: z.string(), url: z.string() }),
    })
    .nullable(),
  problem: Problem.nullable(),
});

export type Finished = Pick<z.infer<typeof Followed>, "options"> & {
  result: NonNullable<z.infer<typeof Followed>["result"]>;
};

/** The function URL and an access token. */
export type Access = { url: string; accessToken: string };

export type Say = (line: string) => void;

/** Polls an export until it is finished, and prints each change of its progress. Throws when it fails. */
export async function followExport(path: string, { url, accessToken }: Access, say: Say): Promise<Finished> {
  const headers = { authorization: `Bearer ${accessToken}`, prefer: "wait=5" };
  let said = "";
  for (let at = path; ; await sleep(pauseMs)) {
    const response = await fetch(new URL(at, url), { headers });
    if (!response.ok) throw new Error(`the export failed: ${await response.text()}`);
    const { options, status, progress, result, problem } = Followed.parse(await response.json());
    if (result !== null) return { options, result };
    if (status === "failed") throw new Error(`the export failed: ${problem?.detail}`);
    const line = describeProgress(progress);
    if (line !== said) say(line);
    said = line;
    at = response.headers.get("location") ?? at;
  }
}

const pauseMs = 1_000;

function describeProgress({ pages, offers, waitingUntil, estimatedFinishAt }: Progress): string {
  const tell = (text: string, moment: string | null) =>
    moment === null ? "" : `; ${text} ${new Date(moment).toLocaleTimeString("nl")}`;
  const wait = tell("the portal lets it go on at", waitingUntil);
  return `${pages} pages, ${offers} offers so far${wait}${tell("done at about", estimatedFinishAt)}`;
}

/** Downloads the report and saves it. */
export async function saveFile({ result: { file } }: Finished, path: string): Promise<void> {
  const response = await fetch(file.url);
  if (!response.ok) throw new Error(`the file's link answered ${response.status}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.from(await response.arrayBuffer()));
}
