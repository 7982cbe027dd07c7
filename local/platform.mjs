// Installs SST's platform if it is missing: the components that infra/ is checked and tested against.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const platform = new URL(".sst/platform/", root);
const sst = new URL("node_modules/sst/", root);

/** @returns {string | undefined} undefined also after an install that broke off: SST writes these files last. */
function readPlatformVersion() {
  const isWhole = ["config.d.ts", "../provider-lock.json", "node_modules/@pulumi/aws/package.json"].every(
    (file) => existsSync(new URL(file, platform)),
  );
  return isWhole ? readFileSync(new URL("version", platform), "utf8").trim() : undefined;
}

function installPlatform() {
  rmSync(platform, { recursive: true, force: true });
  const { status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL("bin/sst.mjs", sst)), "install", "--stage", "dev"],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, DO_NOT_TRACK: "1", SST_NO_BUN: "1", SST_SKIP_DEPENDENCY_CHECK: "1" },
    },
  );
  return status === 0;
}

const { version } = JSON.parse(readFileSync(new URL("package.json", sst), "utf8"));
if (readPlatformVersion() !== version && !(installPlatform() && readPlatformVersion() === version)) {
  console.error(`SST ${version} could not install its platform into .sst/platform`);
  process.exitCode = 1;
}
