// Installs Stryker's instrumenter, which makes the mutants, if it is missing. It is a separate package, because only
// `npm run mutate` needs it, and it takes 23 MB.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { installPackages } from "../../local/npm.mjs";

const folder = new URL("instrumenter/", import.meta.url);
const target = new URL("../../.local/instrumenter/", import.meta.url);

/** @param {URL} lock */
function readVersion(lock) {
  const { packages } = existsSync(lock) ? JSON.parse(readFileSync(lock, "utf8")) : { packages: {} };
  return packages["node_modules/@stryker-mutator/instrumenter"]?.version;
}

const installed = readVersion(new URL("node_modules/.package-lock.json", target));
if (installed !== readVersion(new URL("package-lock.json", folder))) {
  mkdirSync(target, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(new URL(name, folder), new URL(name, target));
  process.exitCode = installPackages(target, ["--ignore-scripts"]);
}
