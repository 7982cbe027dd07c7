import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import * as z from "zod";
import type { Graph } from "./graph.ts";

const Call = z.object({ method: z.string(), params: z.tuple([z.unknown()]) });
const Build = z.object({
  handler: z.string(),
  links: z.record(z.string(), z.unknown()),
  copyFiles: z.array(z.object({ from: z.string(), to: z.string() })),
  properties: z.looseObject({ architecture: z.literal("arm64") }),
});

/**
 * Starts a server in place of SST's command line, which the components call. The server records what the components
 * ask it to bundle.
 */
export async function startSstServer(work: string, handlers: Graph["handlers"]) {
  const bundle = join(work, "bundle");
  await mkdir(bundle);
  await writeFile(join(bundle, "bundle.mjs"), "");
  const server = createServer((request, response) => {
    void json(request).then(async (body) => {
      const { method, params } = Call.parse(body);
      if (method === "Runtime.Build") {
        const { handler, ...built } = Build.parse(params[0]);
        handlers[handler] = await describeBuild(built);
      }
      const result = answer(method, bundle);
      // Without open connections the program ends as soon as it has nothing left to do.
      response.setHeader("connection", "close");
      return response.end(JSON.stringify(result ? { result } : { error: `no mock of ${method}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port to listen on");
  process.env["SST_SERVER"] = `http://127.0.0.1:${address.port}`;
}

async function describeBuild({ links, copyFiles, properties }: Omit<z.infer<typeof Build>, "handler">) {
  const { architecture: _, ...nodejs } = properties;
  const copied = copyFiles.map(async ({ from, to }) => (await readdir(from)).map((name) => `${to}/${name}`));
  return {
    links: Object.keys(links).toSorted(),
    nodejs,
    files: (await Promise.all(copied)).flat().toSorted(),
  };
}

function answer(method: string, bundle: string) {
  if (method === "Provider.Aws.Bootstrap") return { asset: "assets", state: "state" };
  if (method === "Runtime.Build")
    return { handler: "bundle.handler", out: bundle, errors: [], sourcemaps: [] };
  return undefined;
}
