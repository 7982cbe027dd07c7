import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { outputVariable, secretsName } from "./written-output.ts";
import { findSecrets } from "./secret-search.ts";

/**
 * Wraps a whole test run. At the end of the run, searches the functions' output for secrets, and fails the run when
 * one is found.
 */
export default async function sweep(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "offer-export-journal-"));
  process.env[outputVariable] = folder;
  return async () => {
    try {
      await search(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function search(folder: string): Promise<void> {
  const secrets = [...(await readSecrets(folder)), ...listDemoNames()];
  const names = (await readdir(folder)).filter((name) => name !== secretsName);
  let lines = 0;
  const leaks: string[] = [];
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8");
    lines += text.split("\n").length - 1;
    for (const { kind, line } of findSecrets(text, secrets)) leaks.push(`${kind}: ${line.slice(0, 2_000)}`);
  }
  if (leaks.length > 0) throw new Error(`The output of this run contains\n${leaks.slice(0, 20).join("\n")}`);
  process.stdout.write(`searched ${lines} lines of output for ${secrets.length} secrets: none found\n`);
}

async function readSecrets(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, secretsName), "utf8").catch(() => "");
  return [...new Set(text.split("\n"))].filter((value) => value !== "");
}

function listDemoNames(): string[] {
  const { customers } = makeDemo({ today: "2026-01-31" });
  return customers.map(({ companyName }) => companyName);
}
