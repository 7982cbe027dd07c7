import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { Progress } from "../functions/core/progress.ts";
import { stopOnSignal } from "./interrupt.ts";
import { readSettings, type LocalSettings } from "./settings.ts";
import { type Stack, startStack } from "./stack.ts";

const Followed = z.object({
  status: z.enum(["queued", "running", "succeeded", "failed"]),
  progress: Progress,
  result: z
    .object({
      rows: z.number(),
      requests: z.number(),
      file: z.object({ name: z.string(), url: z.string() }),
    })
    .nullable(),
});
type Followed = z.infer<typeof Followed>;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Starts the local stack, exports the demo portal once, and serves until Ctrl-C. */
async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const stack = await startStack(settings, process.env);
  const interruption = stopOnSignal(stack, say);
  say(`page: ${stack.url}`);
  if (settings.accessToken === null) say(`access token: ${stack.accessToken}`);
  say(`curl: ${describeCurl(settings, stack)}`);
  try {
    if (settings.portalUrl === null) await exportDemo(settings, stack);
  } catch (error) {
    if (!interruption.aborted) throw error;
  }
  if (!interruption.aborted) say("serving until Ctrl-C");
}

function describeCurl({ accessToken }: LocalSettings, stack: Stack): string {
  const token = accessToken === null ? stack.accessToken : nameToken(accessToken);
  return `curl -H "Authorization: Bearer ${token}" "${stack.url}export?format=xlsx"`;
}

/** A token that somebody set is named, not printed; of several the caller picks one. */
function nameToken(accessTokens: string): string {
  return accessTokens.includes(",") ? "<one of ACCESS_TOKEN>" : "$ACCESS_TOKEN";
}

async function exportDemo({ directory }: LocalSettings, { url, accessToken }: Stack): Promise<void> {
  say("exporting the demo portal's offers …");
  const headers = { authorization: `Bearer ${accessToken}` };
  const first = await fetch(`${url}export`, { headers: { ...headers, prefer: "wait=5" } });
  const result = await follow(first, { url, headers });
  const file = await fetch(result.file.url);
  if (!file.ok) throw new Error(`the file's link answered ${file.status}`);
  const path = join(directory, result.file.name);
  await writeFile(path, Buffer.from(await file.arrayBuffer()));
  say(`exported ${result.rows} offers with ${result.requests} requests`);
  say(`spreadsheet: ${path}`);
  say(`link: ${result.file.url}`);
}

/** Asks for the export until it is finished, and says how far it is when that has changed. */
async function follow(
  first: Response,
  { url, headers }: { url: string; headers: Record<string, string> },
): Promise<NonNullable<Followed["result"]>> {
  const location = first.headers.get("location") ?? "";
  let said = "";
  for (let response = first; ; response = await fetch(new URL(location, url), { headers })) {
    if (!response.ok) throw new Error(`the export failed: ${await response.text()}`);
    const { status, progress, result } = Followed.parse(await response.json());
    if (result !== null) return result;
    if (status === "failed") throw new Error("the export failed");
    const line = describeProgress(progress);
    if (line !== said) say(line);
    said = line;
    await sleep(pauseMs);
  }
}

const pauseMs = 1_000;

function describeProgress({ pages, offers, waitingUntil, estimatedFinishAt }: Followed["progress"]): string {
  const tell = (text: string, moment: string | null) =>
    moment === null ? "" : `; ${text} ${new Date(moment).toLocaleTimeString("nl")}`;
  const wait = tell("the portal lets it go on at", waitingUntil);
  return `${pages} pages, ${offers} offers so far${wait}${tell("done at about", estimatedFinishAt)}`;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
