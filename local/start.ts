import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { stopOnSignal } from "./interrupt.ts";
import { readSettings, type LocalSettings } from "./settings.ts";
import { type Stack, startStack } from "./stack.ts";

const Exported = z.object({
  result: z.object({
    rows: z.number(),
    requests: z.number(),
    file: z.object({ name: z.string(), url: z.string() }),
  }),
});

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Starts the local stack, exports the demo portal once, and serves until Ctrl-C. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
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
  const response = await fetch(`${url}export`, { headers });
  if (!response.ok) throw new Error(`the export failed: ${await response.text()}`);
  const { result } = Exported.parse(await response.json());
  const file = await fetch(result.file.url);
  if (!file.ok) throw new Error(`the file's link answered ${file.status}`);
  const path = join(directory, result.file.name);
  await writeFile(path, Buffer.from(await file.arrayBuffer()));
  say(`exported ${result.rows} offers with ${result.requests} requests`);
  say(`spreadsheet: ${path}`);
  say(`link: ${result.file.url}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
