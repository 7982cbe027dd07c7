// Plain JavaScript, because the system's Node runs it before the project's own Node is installed.
import { spawnSync } from "node:child_process";

/**
 * Installs a lock file's packages into a folder and returns npm's exit status.
 * @param {URL} folder
 * @param {string[]} flags
 */
export function installPackages(folder, flags) {
  return runNpm(folder, ["ci", ...flags]);
}

/**
 * Runs an npm command in a folder and returns npm's exit status.
 * @param {URL} folder
 * @param {string[]} command
 */
export function runNpm(folder, command) {
  const npm = process.env.npm_execpath;
  const [program, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
  const words = [...prefix, ...command, "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync(program ?? "npm", words, {
    cwd: folder,
    stdio: "inherit",
    shell: !npm && process.platform === "win32",
  });
  return status ?? 1;
}
