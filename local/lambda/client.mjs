// Installs AWS's runtime client if it is missing: the program that runs a function's code in Lambda. It is a separate
// package, because its install script builds a native half, which takes a compiler and a minute. native.mjs replaces
// that half here.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installPackages } from "../npm.mjs";

const folder = new URL("client/", import.meta.url);
const installed = new URL("node_modules/", folder);
const scratch = new URL("../../.local/", import.meta.url);

/** @param {URL} lock */
function readVersion(lock) {
  const { packages } = existsSync(lock) ? JSON.parse(readFileSync(lock, "utf8")) : { packages: {} };
  return packages["node_modules/aws-lambda-ric"]?.version;
}

function isInstalled() {
  return (
    readVersion(new URL(".package-lock.json", installed)) ===
    readVersion(new URL("package-lock.json", folder))
  );
}

/** Installs into another folder and then moves it, so parallel tests find a complete client or none. */
function install() {
  mkdirSync(scratch, { recursive: true });
  const staged = pathToFileURL(`${mkdtempSync(fileURLToPath(new URL("client-", scratch)))}/`);
  try {
    for (const name of ["package.json", "package-lock.json"])
      copyFileSync(new URL(name, folder), new URL(name, staged));
    const status = installPackages(staged, ["--ignore-scripts"]);
    if (status !== 0 || isInstalled()) return status;
    rmSync(installed, { recursive: true, force: true });
    renameSync(new URL("node_modules/", staged), installed);
    return 0;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

if (!isInstalled()) process.exitCode = install();
