import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundling, nodeOptions } from "../../infra/settings.ts";

const planner = { nodejs: bundling, memoryMb: 256, timeoutMs: 120_000, variables: {} };

/** The options of the functions, the same as in `infra/`. A test compares these options with those in `infra/`. */
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

/** The folder of a bundle, and esbuild's description of its files. */
export type Bundle = { folder: string; outputs: Metafile["outputs"] };

/** The start of each bundle. It defines `require`, `__filename` and `__dirname`, which CommonJS packages use. */
const banner = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
  "",
].join("\n");

/**
 * Bundles a function's entry into `bundle.mjs`, with the same esbuild and the same options as SST 4.17
 * (pkg/runtime/node/build.go in SST's sources). Makes no source maps, because they are not deployed.
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
