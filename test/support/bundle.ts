import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import * as z from "zod";
import { buildWeb } from "../../local/web.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** What SST puts before each file of a bundle. */
const banner = `
  import { createRequire as topLevelCreateRequire } from 'module';
  const require = topLevelCreateRequire(import.meta.url);
  import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
  const __filename = topLevelFileUrlToPath(import.meta.url)
  const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`;

export type Bundle = { folder: string; outputs: Metafile["outputs"] };

/** Makes the function URL's bundle in the folder as SST does by infra/http.ts, with the page beside it. */
export async function bundleHttp(folder: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [join(root, "functions/http.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native"],
    banner: { js: banner },
    metafile: true,
    logLevel: "error",
  });
  await buildWeb(root, join(folder, "web"));
  return { folder, outputs: metafile.outputs };
}

const Probe = z.object({ statusCode: z.number(), loaded: z.array(z.string()) });

/** Answers one request in a process of its own; gives the npm packages that were loaded for it. */
export async function probeBundle(
  { folder, outputs }: Bundle,
  headers: Record<string, string>,
  env: Record<string, string>,
): Promise<{ status: number; packages: string[] }> {
  const probe = join(import.meta.dirname, "probe.ts");
  const { stdout } = await run(process.execPath, [probe, JSON.stringify(headers)], { cwd: folder, env });
  const { statusCode, loaded } = Probe.parse(JSON.parse(stdout));
  const inputs = loaded.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  return { status: statusCode, packages: listPackages(inputs) };
}

export function listPackages(inputs: string[]): string[] {
  const names = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}
