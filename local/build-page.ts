import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { build, type OutputFile } from "esbuild";

const entries = ["main.ts", "page.css"];
/** The oldest browsers that the page supports. They are from spring 2023. */
const browsers = ["chrome113", "firefox113", "safari16.4"];

/**
 * Empties the folder, builds the page of `functions/web` into it and returns the folder. The names of the script file
 * and of the style file contain a hash of their content. Each file is written three times: uncompressed, as .br and as
 * .gz.
 */
export async function buildPage(root: string, folder: string): Promise<string> {
  const source = join(root, "functions/web");
  const { outputFiles } = await build({
    absWorkingDir: source,
    entryPoints: entries,
    entryNames: "[name]-[hash]",
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    target: browsers,
    write: false,
    logLevel: "error",
  });
  const html = insertAddresses(await readFile(join(source, "index.html"), "utf8"), outputFiles);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeAsset(join(folder, "index.html"), Buffer.from(html));
  for (const { path, contents } of outputFiles) await writeAsset(path, contents);
  return folder;
}

/** Replaces the names of the source files in the document with the addresses of the built files. */
function insertAddresses(html: string, outputs: OutputFile[]): string {
  return entries.reduce((text, entry) => {
    const [name = ""] = entry.split(".");
    const output = outputs.map(({ path }) => basename(path)).find((path) => path.startsWith(`${name}-`));
    if (output === undefined || !text.includes(`"${entry}"`)) throw new Error(`the page has no ${entry}`);
    return text.replace(`"${entry}"`, `"/assets/${output}"`);
  }, html);
}

async function writeAsset(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes);
  await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
  await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
}
