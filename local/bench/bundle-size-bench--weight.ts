import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleFunction } from "../lambda/function-bundle.ts";
import { weighBundle } from "./bundle-size-bench.ts";
import { atMost, type BenchFigure } from "./bench-figures.ts";

const root = resolve(import.meta.dirname, "../..");

/** What the function behind the URL is made of, as SST would upload it. */
export async function benchWeight(): Promise<BenchFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), "offer-export-weight-"));
  try {
    const kilobytes = weighBundle(await bundleFunction(root, "http", folder)) / 1000;
    const bound = { most: 1_000, unit: " KB" };
    return [atMost("bundle behind the URL, minified, without the page", kilobytes, bound)];
  } finally {
    await rm(folder, { recursive: true });
  }
}
