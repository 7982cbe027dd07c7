import { createCipheriv, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "../build-page.ts";
import { bundleFunction, type FunctionName, functions } from "./function-bundle.ts";
import type { FunctionOptions } from "./lambda-function.ts";

type Deployment = {
  /** The project's folder. */
  root: string;
  name: FunctionName;
  /** The folder for the bundle, the page and the encrypted links. */
  folder: string;
  links: Links;
  /** Environment variables: the function's settings, and the variables that Lambda would set. */
  env: Record<string, string>;
};

/** Builds the files that SST would upload for a function. Returns the options with which the function runs. */
export async function deployFunction({
  root,
  name,
  folder,
  links,
  env,
}: Deployment): Promise<FunctionOptions> {
  await bundleFunction(root, name, folder);
  if (name === "http") await buildPage(root, join(folder, "web"));
  const { memoryMb, timeoutMs, variables } = functions[name];
  const linked = await writeLinks(folder, links);
  return { name, folder, memoryMb, timeoutMs, env: { ...env, ...variables, ...linked } };
}

/** The resources and secrets that a function is linked to, by their names in `infra/`. */
export type Links = Record<string, Record<string, string>>;

const fileName = "resource.enc";

/**
 * Encrypts the links into a file beside the bundle, as SST does. Returns the environment variables that `sst/resource`
 * needs to read the links. The nonce may be all zeros, because each key encrypts only one file.
 */
async function writeLinks(folder: string, links: Links): Promise<Record<string, string>> {
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
