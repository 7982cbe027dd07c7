import { join } from "node:path";
import { followExport, saveFile } from "./follow-export.ts";
import { type LocalSettings, readSettings, silenceLogs } from "./stack-settings.ts";
import { type Stack, startStack, stopOnSignal } from "./stack.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Starts the local stack, exports the demo portal's offers once, and serves until Ctrl-C. */
async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const stack = await startStack(settings, process.env);
  const interruption = stopOnSignal(stack, print);
  print(`page: ${stack.url}`);
  if (settings.accessToken === null) print(`access token: ${stack.accessToken}`);
  print(`curl: ${describeCurl(settings, stack)}`);
  if (stack.mailsUrl !== null) print(`mails: ${stack.mailsUrl}`);
  try {
    if (settings.portalUrl === null) await exportDemo(settings, stack);
  } catch (error) {
    if (!interruption.aborted) throw error;
  }
  if (!interruption.aborted) print("serving until Ctrl-C");
}

function describeCurl({ accessToken }: LocalSettings, stack: Stack): string {
  const token = accessToken === null ? stack.accessToken : nameToken(accessToken);
  return `curl -H "Authorization: Bearer ${token}" "${stack.url}export?format=xlsx"`;
}

/** Returns the setting's name instead of its value, so that the developer's own token is not printed. */
function nameToken(accessTokens: string): string {
  return accessTokens.includes(",") ? "<one of ACCESS_TOKEN>" : "$ACCESS_TOKEN";
}

async function exportDemo(settings: LocalSettings, stack: Stack): Promise<void> {
  print("exporting the demo portal's offers …");
  const finished = await followExport("export", stack, print);
  const { rows, requests, file } = finished.result;
  const path = join(settings.directory, file.name);
  await saveFile(finished, path);
  print(`exported ${rows} offers with ${requests} requests`);
  print(`spreadsheet: ${path}`);
  print(`link: ${file.url}`);
  if (stack.mailsUrl !== null) await mailDemo(settings, stack);
}

/**
 * Mails the finished report to the sender. The request has the same options as the finished export, so the stack starts
 * no second export.
 */
async function mailDemo({ mailSender }: LocalSettings, { url, accessToken }: Stack): Promise<void> {
  const response = await fetch(new URL("exports", url), {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ mailTo: [mailSender] }),
  });
  if (!response.ok) throw new Error(`the report was not mailed: ${await response.text()}`);
  print("mailed the report to MAIL_SENDER");
}

silenceLogs(process.env);
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
