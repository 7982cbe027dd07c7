import { join } from "node:path";
import type { Command } from "./command/command-line.ts";
import { demoFlags, readDemoFlags } from "./command/demo-flags.ts";
import { exitOnDiskFault, print, runCommand, stopOnSignal } from "./command/run-command.ts";
import { describeUnusedSettings } from "./command/setting-notices.ts";
import { describeSetup } from "./command/setup-report.ts";
import { type ExportOrigin, type FinishedExport, followExport, saveFile } from "./command/follow-export.ts";
import { describeMoment } from "./command/report-times.ts";
import { type LocalSettings, readSettings } from "./stack-settings.ts";
import { type Stack, startStack } from "./stack.ts";

const command: Command = {
  call: "npm start",
  about:
    "Starts the local stack and serves until Ctrl-C. Exports the offers of the demo portal, unless PORTAL_API_URL " +
    "and PORTAL_API_KEY name your own portal.",
  flags: demoFlags,
};

const beginnings = {
  new: "exporting the demo portal's offers",
  continued: "continuing an earlier export of the demo portal's offers",
};

await runCommand(command, async (given) => {
  for (const notice of describeUnusedSettings(process.env)) print(notice);
  const settings = readSettings(process.env, readDemoFlags(given));
  const stack = await startStack(settings, process.env, exitOnDiskFault);
  const describeRest = () =>
    stack.hasUnfinished() ? "an unfinished export goes on at the next npm start" : null;
  const interruption = stopOnSignal(stack, { describeRest, status: 0 });
  print(`page: ${stack.url}`);
  if (settings.accessToken === null) print(`access token: ${stack.accessToken}`);
  print(`curl: ${describeCurl(settings, stack)}`);
  if (stack.mailsUrl !== null) print(`mails: ${stack.mailsUrl}`);
  try {
    if (stack.demoNotice === null) for (const line of await describeSetup(stack)) print(line);
    else await exportDemo(settings, stack, stack.demoNotice);
  } catch (error) {
    if (!interruption.aborted) throw error;
  }
  if (!interruption.aborted) print("serving until Ctrl-C");
});

function describeCurl({ accessToken }: LocalSettings, stack: Stack): string {
  const token = accessToken === null ? stack.accessToken : nameToken(accessToken);
  return `curl -H "Authorization: Bearer ${token}" "${stack.url}export?format=xlsx"`;
}

/** Returns the setting's name instead of its value, so that the developer's own token is not printed. */
function nameToken(accessTokens: string): string {
  return accessTokens.includes(",") ? "<one of ACCESS_TOKEN>" : "$ACCESS_TOKEN";
}

async function exportDemo(settings: LocalSettings, stack: Stack, notice: string): Promise<void> {
  print(notice);
  const sinceMs = Date.now();
  const onBegin = (origin: ExportOrigin) => {
    if (origin !== "reused") print(`${beginnings[origin]} … (times are those of ${stack.zone})`);
  };
  const finished = await followExport("export", stack, { sinceMs, onBegin, print });
  const path = join(settings.directory, finished.result.file.name);
  await saveFile(finished, path);
  print(describeExport(finished, { zone: stack.zone, sinceMs }));
  print(`spreadsheet: ${path}`);
  print(`link: ${finished.result.file.url}`);
  if (stack.mailsUrl !== null) await mailDemo(settings, stack);
}

/** Says when the offers were read, unless this start has read them. */
function describeExport(
  { origin, result: { rows, requests, snapshotAt } }: FinishedExport,
  { zone, sinceMs }: { zone: string; sinceMs: number },
): string {
  const isEarlier = Date.parse(snapshotAt) < sinceMs;
  const read = isEarlier ? `, read at ${describeMoment(snapshotAt, zone)}` : "";
  const done = origin === "reused" ? "reused the recent export of" : "exported";
  return `${done} ${rows} offers${read} with ${requests} requests`;
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
