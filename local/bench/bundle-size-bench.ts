import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Bundle, bundleFunction } from "../lambda/function-bundle.ts";
import { atMost, type BenchFigure } from "./bench-figures.ts";

/** Returns the total size of the bundle's files in bytes. */
export function weighBundle({ outputs }: Bundle): number {
  return Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Returns each package's name and its number of bytes in the files, largest first. The project's own code counts as a
 * package with the name `functions`.
 */
export function weighPackages({ outputs }: Bundle, files = Object.keys(outputs)): [string, number][] {
  const weights = new Map<string, number>();
  for (const file of files) {
    for (const [path, { bytesInOutput }] of Object.entries(outputs[file]?.inputs ?? {})) {
      const name = findPackage(path);
      weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...weights].toSorted(([, a], [, b]) => b - a);
}

/**
 * Returns the name of the package that a file belongs to. With nested node_modules folders, this is the innermost
 * package.
 */
function findPackage(path: string): string {
  const [, ...packages] = path.split("node_modules/");
  return packages.at(-1)?.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? "functions";
}

const root = resolve(import.meta.dirname, "../..");

/** Measures the bundle that SST would upload for the function behind the URL. */
export async function benchBundleSize(): Promise<BenchFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), "offer-export-weight-"));
  try {
    const kilobytes = weighBundle(await bundleFunction(root, "http", folder)) / 1000;
    const bound = { max: 862, unit: " KB" };
    return [atMost("bundle behind the URL, minified, without the page", kilobytes, bound)];
  } finally {
    await rm(folder, { recursive: true });
  }
}
