import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleHttp, listPackages, probeBundle } from "./support/bundle.ts";

const accessToken = "access-token-of-the-tests";
const settings = {
  ACCESS_TOKEN: accessToken,
  PORTAL_API_KEY: "portal-key-of-the-tests",
  EXPORT_WORKFLOW: "workflow",
  EXPORT_WORKFLOW_QUALIFIER: "live",
  REPORT_BUCKET: "tests",
};

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleHttp(await mkdtemp(join(tmpdir(), "offer-export-bundle-")));
});

afterAll(() => rm(bundle.folder, { recursive: true }));

describe("the function URL's bundle", () => {
  it("loads neither the SDK nor a schema for a refusal or for the page", async () => {
    const light = ["content-type", "negotiator", "sst"];
    expect(await probeBundle(bundle, {}, settings)).toEqual({ status: 401, packages: light });
    const wrong = { authorization: "Bearer wrong" };
    expect(await probeBundle(bundle, wrong, settings)).toEqual({ status: 401, packages: light });
    const browser = { accept: "text/html" };
    expect(await probeBundle(bundle, browser, settings)).toEqual({ status: 200, packages: light });
    const right = { authorization: `Bearer ${accessToken}` };
    const { status, packages } = await probeBundle(bundle, right, settings);
    expect(status).toBe(200);
    expect(packages).toEqual(expect.arrayContaining([...light, "@aws-sdk/client-s3", "zod"]));
  });

  it("has at most 1,000 KB, and no writer of workbooks", () => {
    const files = Object.values(bundle.outputs);
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1_000_000);
    const packages = listPackages(files.flatMap(({ inputs }) => Object.keys(inputs)));
    expect(packages).toContain("@aws-sdk/client-s3");
    expect(packages).not.toContain("exceljs");
  });

  it("does not start with a setting missing or malformed, and names each in one line", async () => {
    const { ACCESS_TOKEN: _, ...rest } = settings;
    const attempt = probeBundle(bundle, {}, { ...rest, LINK_SECONDS: "soon" });
    await expect(attempt).rejects.toThrow(
      /^ConfigError: the setting LINK_SECONDS is malformed: .*; the setting ACCESS_TOKEN is missing$/m,
    );
  });
});
