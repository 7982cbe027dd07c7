// Installs what is missing, so that `npm start` and `npm test` work straight after a clone. Plain
// JavaScript: it runs on the system's Node, before the project's own is there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** @param {string} path */
function readPackages(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).packages;
}

/** Whether node_modules holds what the lock file says; packages for other platforms may be absent. */
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
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
  // Node 24 comes as a package whose install script brings the binary, so scripts must run.
  const flags = [
    "ci",
    "--include=dev",
    "--ignore-scripts=false",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const { status } = spawnSync(command ?? "npm", [...prefix, ...flags], {
    cwd: new URL("..", import.meta.url),
    stdio: "inherit",
    shell: !npm && process.platform === "win32",
  });
  process.exit(status ?? 1);
}
