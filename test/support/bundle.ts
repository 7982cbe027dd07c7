import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import type { Bundle } from "../../local/lambda/function-bundle.ts";
import { weighPackages } from "../../local/bench/bundle-size-bench.ts";

const run = promisify(execFile);

const Probe = z.object({ statusCode: z.number(), loaded: z.array(z.string()) });

/** Answers one request in a process of its own; gives the npm packages that were loaded for it. */
export async function probeBundle(
  bundle: Bundle,
  headers: Record<string, string>,
  env: Record<string, string>,
): Promise<{ status: number; packages: string[] }> {
  const probe = join(import.meta.dirname, "probe.ts");
  const { stdout } = await run(process.execPath, [probe, JSON.stringify(headers)], {
    cwd: bundle.folder,
    env,
  });
  const { statusCode, loaded } = Probe.parse(JSON.parse(stdout.split("\n").at(-1) ?? ""));
  const packages = weighPackages(bundle, loaded).map(([name]) => name);
  return { status: statusCode, packages: packages.toSorted() };
}
