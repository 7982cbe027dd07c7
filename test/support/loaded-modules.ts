import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import * as z from "zod";
import { weighPackages } from "../../local/bench/bundle-size-bench.ts";
import type { Bundle } from "../../local/lambda/function-bundle.ts";

const run = promisify(execFile);

const Probe = z.object({ statusCode: z.number(), loaded: z.array(z.string()) });

/** Answers one request in a separate process. Lists the npm packages that the process loaded for the answer. */
export async function listLoadedPackages(
  bundle: Bundle,
  headers: Record<string, string>,
  env: Record<string, string>,
): Promise<{ status: number; packages: string[] }> {
  const probe = join(import.meta.dirname, "bundle-process.ts");
  const { stdout } = await run(process.execPath, [probe, JSON.stringify(headers)], {
    cwd: bundle.folder,
    env,
  });
  const { statusCode, loaded } = Probe.parse(JSON.parse(stdout.split("\n").at(-1) ?? ""));
  const packages = weighPackages(bundle, loaded).map(([name]) => name);
  return { status: statusCode, packages: packages.toSorted() };
}

/** Lists the project's modules that the entry imports statically. */
export async function listLoadedModules(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    packages: "external",
    write: false,
    metafile: true,
  });
  const loaded = new Set<string>();
  const visit = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: imported, kind } of metafile.inputs[path]?.imports ?? [])
      if (kind === "import-statement") visit(imported);
  };
  visit(entry);
  return [...loaded];
}
