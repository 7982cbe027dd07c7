// Installs what is missing, so that `npm start` and `npm test` work straight after a clone. Plain
// JavaScript, because the system's Node runs it before the project's own Node is installed.
import { existsSync, readFileSync } from "node:fs";
import { installPackages } from "./npm.mjs";

/** @param {string} path */
function readPackages(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).packages;
}

/** True when node_modules matches the lock file; packages for other platforms may be absent. */
function isInstalled() {
  if (!existsSync(new URL("../node_modules/node/bin", import.meta.url))) return false;
  if (!existsSync(new URL("../node_modules/.package-lock.json", import.meta.url))) return false;
  const installed = readPackages("../node_modules/.package-lock.json");
  return Object.entries(readPackages("../package-lock.json")).every(
    ([path, { version, optional, devOptional }]) =>
      path === "" || installed[path]?.version === version || optional || devOptional,
  );
}

if (!isInstalled()) {
  console.log("installing what is missing (npm ci) …");
  // Node 24 is a package whose install script downloads the binary, so scripts must run.
  process.exit(installPackages(new URL("..", import.meta.url), ["--include=dev", "--ignore-scripts=false"]));
}
