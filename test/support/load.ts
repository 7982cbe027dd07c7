import { build } from "esbuild";

/** Our own modules that importing the entry loads at once: what it imports later on is not among them. */
export async function listLoaded(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    packages: "external",
    write: false,
    metafile: true,
  });
  const loaded = new Set<string>();
  const visit = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: imported, kind } of metafile.inputs[path]?.imports ?? [])
      if (kind === "import-statement") visit(imported);
  };
  visit(entry);
  return [...loaded];
}
