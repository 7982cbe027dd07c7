import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundling, nodeOptions } from "../../infra/settings.ts";

const planner = { nodejs: bundling, memoryMb: 256, timeoutMs: 120_000, variables: {} };

/** The functions as `infra/` declares them; a test compares. */
export const functions = {
  http: { nodejs: { ...bundling, splitting: true }, memoryMb: 512, timeoutMs: 30_000, variables: {} },
  export: {
    nodejs: bundling,
    memoryMb: 1024,
    timeoutMs: 900_000,
    variables: { NODE_OPTIONS: nodeOptions },
  },
  tick: planner,
  watch: planner,
  bounce: { nodejs: bundling, memoryMb: 256, timeoutMs: 30_000, variables: {} },
};

export type FunctionName = keyof typeof functions;

/** What was written, by its name in the folder, and of which sources it is made. */
export type Bundle = { folder: string; outputs: Metafile["outputs"] };

/** A require for packages that are no modules. */
const banner = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
  "",
].join("\n");

/**
 * Bundles a function's entry into `bundle.mjs`, with the options that SST 4.17 gives the same version of esbuild:
 * pkg/runtime/node/build.go in its sources. Its source maps are left out, as they are not deployed.
 */
export async function bundleFunction(root: string, name: FunctionName, folder: string): Promise<Bundle> {
  await mkdir(folder, { recursive: true });
  const { esbuild, ...nodejs } = functions[name].nodejs;
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [join(root, `functions/${name}.ts`)],
    entryNames: "bundle",
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    ...nodejs,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    keepNames: true,
    external: ["sharp", "pg-native", ...esbuild.external],
    banner: { js: banner },
    metafile: true,
    logLevel: "error",
  });
  return { folder, outputs: metafile.outputs };
}
