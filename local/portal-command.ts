import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatPortalWebhookSecrets } from "../functions/core/portal-webhooks/portal-webhook.ts";
import type { Command } from "./command/command-line.ts";
import { makeFolder } from "./state-directory.ts";
import {
  openPortalWebhooks,
  readAddress,
  readSettings,
  registerWebhooks,
  removeWebhooks,
} from "./webhook-registration.ts";

export const portalCommand: Command = {
  call: "npm run portal",
  about: "Registers or removes the portal's webhooks that notify a deployment of changed offers.",
  words: "register|remove <address of the deployment>",
  flags: {},
};

const usage = "npm run portal -- register <address>, or: npm run portal -- remove <address>";

/** Registers or removes the portal's webhooks that notify a deployment of changed offers. Prints no secret. */
export async function runPortalCommand(
  [command, address]: string[],
  { env, print }: { env: NodeJS.ProcessEnv; print: (line: string) => void },
): Promise<void> {
  if (command !== "register" && command !== "remove") throw new Error(usage);
  const addressOf = readAddress(address);
  const { portal, directory } = readSettings(env);
  const webhooks = openPortalWebhooks(portal);
  if (command === "remove") return reportRemoved(await removeWebhooks(webhooks, addressOf), print);
  const { added, secrets } = await registerWebhooks(webhooks, addressOf);
  print(added.length === 0 ? "all are registered already" : `registered: ${added.join(", ")}`);
  const path = await saveSecrets(formatPortalWebhookSecrets(secrets), directory);
  print(`their secrets: ${path}, for your eyes only`);
  print(`next: npx sst secret set PortalWebhookSecrets --stage production < ${path}`);
  print("then deploy, and remove the file");
}

/**
 * Saves the secrets in a new file and returns the file's path. Removes an older file first, because overwriting it
 * would keep its permissions, and other users may be able to read it.
 */
async function saveSecrets(text: string, directory: string): Promise<string> {
  const path = join(directory, "portal-webhook-secrets");
  await makeFolder(directory);
  await rm(path, { force: true });
  await writeFile(path, text, { mode: 0o600, flag: "wx" });
  return path;
}

function reportRemoved(
  { removed, remaining, reason }: Awaited<ReturnType<typeof removeWebhooks>>,
  print: (line: string) => void,
): void {
  if (removed.length + remaining.length === 0) return print("none is registered there");
  if (removed.length > 0) print(`removed: ${removed.map(({ type }) => type).join(", ")}`);
  if (remaining.length === 0) return;
  const named = remaining.map(({ type, id }) => `${type} (${id})`).join(", ");
  const why = reason === null ? "" : ` (${reason})`;
  throw new Error(`the portal did not remove these, remove them there: ${named}${why}`);
}
