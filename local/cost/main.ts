import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { Temporal } from "temporal-polyfill";
import { measureAll } from "./measure.ts";
import { renewReadme } from "./section.ts";
import { measuredPath } from "./usage.ts";

const readmePath = resolve(import.meta.dirname, "../../README.md");

/** Writes the README's section on cost; with `--measure` from new measurements, which take some minutes. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { measure: { type: "boolean", default: false } } });
  if (values.measure) {
    const measured = await measureAll(Temporal.Now.plainDateISO("Europe/Amsterdam").toString());
    await writeFormatted(measuredPath, JSON.stringify(measured));
  }
  await writeFormatted(readmePath, await renewReadme(await readFile(readmePath, "utf8")));
}

async function writeFormatted(path: string, text: string): Promise<void> {
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

await main();
