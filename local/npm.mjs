// Plain JavaScript, because the system's Node runs it before the project's own Node is installed.
import { spawnSync } from "node:child_process";

/**
 * Installs a lock file's packages into a folder and returns npm's exit status.
 * @param {URL} folder
 * @param {string[]} flags
 */
export function installPackages(folder, flags) {
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
  const words = [...prefix, "ci", "--no-audit", "--no-fund", "--loglevel=error", ...flags];
  const { status } = spawnSync(command ?? "npm", words, {
    cwd: folder,
    stdio: "inherit",
    shell: !npm && process.platform === "win32",
  });
  return status ?? 1;
}
