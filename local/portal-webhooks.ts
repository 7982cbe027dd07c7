import { print, runCommand } from "./command/run-command.ts";
import { describeMisspelt } from "./command/setting-notices.ts";
import { portalCommand, runPortalCommand } from "./portal-command.ts";

await runCommand(portalCommand, async ({ words }) => {
  for (const notice of describeMisspelt(process.env)) print(notice);
  await runPortalCommand(words, { env: process.env, print });
});
