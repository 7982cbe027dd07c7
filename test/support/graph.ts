import { randomUUID } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import * as z from "zod";
import { compileCache } from "./compile-cache.ts";

const Values = z.record(z.string(), z.unknown());

const Graph = z.object({
  app: Values,
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      inputs: Values,
      isProtected: z.boolean(),
      isRetained: z.boolean(),
    }),
  ),
  outputs: Values,
  links: z.record(z.string(), Values),
  /**
   * For each handler: the names of its links, its bundler options, and the files that are copied beside its bundle.
   */
  handlers: z.record(
    z.string(),
    z.object({ links: z.array(z.string()), nodejs: Values, files: z.array(z.string()) }),
  ),
});
export type Graph = z.infer<typeof Graph>;

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const platform = join(root, ".sst/platform");

let prepared: Promise<string> | undefined;

/**
 * Returns what SST's own components would deploy. Pulumi's mocks replace AWS. A process of its own makes each graph,
 * because SST and Pulumi keep the graph in their modules. `files` are the texts of files beside sst.config.ts, which
 * SST has not put into the environment.
 */
export async function readGraph(
  stage: string,
  settings: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<Graph> {
  prepared ??= prepareProgram();
  const program = await prepared;
  const work = await mkdtemp(join(tmpdir(), "graph-"));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(work, name), text);
    await run(process.execPath, [program, root, work, stage], {
      cwd: work,
      env: {
        PATH: process.env["PATH"],
        ...compileCache,
        SST_SECRET_PortalApiKey: "secret-a",
        SST_SECRET_AccessToken: "secret-b-of-16-characters",
        ...settings,
      },
    });
    return Graph.parse(JSON.parse(await readFile(join(work, "graph.json"), "utf8")));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Bundles the program that makes a graph, and returns its path. Bundles only once, even when several graphs are read at
 * the same time. In the first run after a clone, installs SST's platform before.
 */
async function prepareProgram(): Promise<string> {
  await run(process.execPath, [join(root, "local/platform.mjs")]);
  // The program stands in the platform's folder, so that Node finds the platform's packages. Its name is always the
  // same, so that Node finds the compiled program of an earlier run.
  const path = join(platform, "graph.mjs");
  const fresh = join(platform, `graph-${randomUUID()}.mjs`);
  await bundleProgram(fresh);
  await rename(fresh, path);
  return path;
}

async function bundleProgram(outfile: string) {
  await build({
    stdin: { contents: program, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    keepNames: true,
    logLevel: "error",
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    inject: [join(platform, "src/shim/run.js")],
    define: { $app: "globalThis.$app", $cli: "globalThis.$cli", $dev: "false" },
    nodePaths: [join(platform, "node_modules")],
    external: ["@pulumi/*", "@aws-sdk/*", "esbuild", "archiver", "glob", "undici", "vite"],
    plugins: [globals],
  });
}

const program = `
  import * as pulumi from "@pulumi/pulumi";
  import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
  import { run } from "./.sst/platform/src/auto/run.ts";
  import config from "./sst.config.ts";
  import { deployToMocks } from "./test/support/pulumi-mocks.ts";
  await deployToMocks({ pulumi, MockMonitor, run, config });
`;

/** Adds imports of the modules that SST provides as globals. */
const globals: Plugin = {
  name: "globals",
  setup(bundler) {
    bundler.onLoad({ filter: /(sst\.config|infra[/\\][\w-]+)\.ts$/ }, async ({ path }) => {
      if (path.startsWith(platform)) return undefined;
      const imports = [
        `import * as aws from "@pulumi/aws";`,
        `import * as sst from ${JSON.stringify(join(platform, "src/components/index.ts"))};`,
      ];
      return { contents: [...imports, await readFile(path, "utf8")].join("\n"), loader: "ts" };
    });
  },
};
