import { join } from "node:path";
import { buildWeb } from "../build-page.ts";
import { bundleFunction, type FunctionName, functions } from "./function-bundle.ts";
import type { FunctionOptions } from "./lambda-function.ts";
import { type Links, writeLinks } from "./function-deployment--link.ts";

export type Deployment = {
  /** Of the sources. */
  root: string;
  name: FunctionName;
  /** For the bundle and what lies beside it. */
  folder: string;
  links: Links;
  /** Settings, and what Lambda itself would set. */
  env: Record<string, string>;
};

/** Makes of a function what SST would upload, and tells how it is run. */
export async function deployFunction({
  root,
  name,
  folder,
  links,
  env,
}: Deployment): Promise<FunctionOptions> {
  await bundleFunction(root, name, folder);
  if (name === "http") await buildWeb(root, join(folder, "web"));
  const { memoryMb, timeoutMs, variables } = functions[name];
  const linked = await writeLinks(folder, links);
  return { name, folder, memoryMb, timeoutMs, env: { ...env, ...variables, ...linked } };
}
