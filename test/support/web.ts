import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll } from "vitest";
import { buildPage } from "../../local/build-page.ts";

const root = resolve(import.meta.dirname, "../..");
let built: Promise<string> | undefined;

/** Builds the page once for all tests of a file; gives its folder. */
export function buildTestWeb(): Promise<string> {
  built ??= mkdtemp(join(tmpdir(), "offer-export-web-")).then((folder) => buildPage(root, folder));
  return built;
}

afterAll(async () => {
  if (built !== undefined) await rm(await built, { recursive: true });
});
