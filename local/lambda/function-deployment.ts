import { createCipheriv, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildWeb } from "../build-page.ts";
import { bundleFunction, type FunctionName, functions } from "./function-bundle.ts";
import type { FunctionOptions } from "./lambda-function.ts";

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

/** What a function is linked to, by the names in `infra/`. */
export type Links = Record<string, Record<string, string>>;

const fileName = "resource.enc";

/**
 * Leaves the links encrypted beside the bundle, as SST does; gives the variables by which `sst/resource` reads
 * them. The nonce may be zeros, because a key encrypts one file only.
 */
export async function writeLinks(folder: string, links: Links): Promise<Record<string, string>> {
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  const sealed = [cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()];
  await writeFile(join(folder, fileName), Buffer.concat(sealed));
  return {
    SST_KEY: key.toString("base64"),
    SST_KEY_FILE: fileName,
    SST_RESOURCE_App: JSON.stringify({ name: "offer-export", stage: "local" }),
  };
}
