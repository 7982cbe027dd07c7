// Makes sure that AWS's runtime client is there: the program that runs a function's code in Lambda. It stands in a
// package of its own because its install script builds a native half, which takes a compiler and a minute and is
// not needed here: native.mjs stands in for it.
import { existsSync, readFileSync } from "node:fs";
import { installPackages } from "../npm.mjs";

const folder = new URL("client/", import.meta.url);

/** @param {string} path */
function readPackages(path) {
  const lock = new URL(path, folder);
  return existsSync(lock) ? JSON.parse(readFileSync(lock, "utf8")).packages : {};
}

/** @param {string} path */
function readVersion(path) {
  return readPackages(path)["node_modules/aws-lambda-ric"]?.version;
}

if (readVersion("node_modules/.package-lock.json") !== readVersion("package-lock.json")) {
  process.exitCode = installPackages(folder, ["--ignore-scripts"]);
}
