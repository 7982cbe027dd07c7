import { print, runCommand } from "./command/run-command.ts";
import { portalCommand, runPortalCommand } from "./portal-command.ts";

await runCommand(portalCommand, ({ words }) => runPortalCommand(words, { env: process.env, print }));
