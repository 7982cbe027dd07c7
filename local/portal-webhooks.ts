import { runPortalCommand } from "./portal-command.ts";

const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  await runPortalCommand(process.argv.slice(2), { env: process.env, print });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
