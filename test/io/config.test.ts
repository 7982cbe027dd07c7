import { describe, expect, it } from "vitest";
import { readConfig } from "../../functions/io/config.ts";

const least = {
  PORTAL_API_KEY: "portal-key-of-the-tests",
  ACCESS_TOKEN: "access-token-of-the-tests",
  REPORT_BUCKET: "offer-export-tests",
};
const server = {
  S3_ENDPOINT: "http://127.0.0.1:9000",
  AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
  AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
};

function refusalOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    return String(error);
  }
  return "";
}

describe("readConfig", () => {
  it("fills in the defaults", () => {
    expect(readConfig(least)).toEqual({
      portal: {
        url: "https://api.mijnklantportaal.nl/v1",
        key: "portal-key-of-the-tests",
        rateWindowMs: 60_000,
        rateReserve: 0,
      },
      accessTokens: ["access-token-of-the-tests"],
      zone: "Europe/Amsterdam",
      linkSeconds: 900,
      bucket: { name: "offer-export-tests", region: "eu-central-1", endpoint: null, credentials: null },
    });
  });

  it("reads several access tokens", () => {
    const tokens = "access-token-of-the-tests, another-token-of-the-tests";
    expect(readConfig({ ...least, ACCESS_TOKEN: tokens }).accessTokens).toEqual([
      "access-token-of-the-tests",
      "another-token-of-the-tests",
    ]);
  });

  it("takes the keys of another S3 server, and leaves AWS's to the SDK", () => {
    const { S3_ENDPOINT: endpoint, ...keys } = server;
    expect(readConfig({ ...least, ...server }).bucket).toMatchObject({
      endpoint,
      credentials: { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" },
    });
    expect(readConfig({ ...least, ...keys }).bucket.credentials).toBe(null);
  });

  it("takes no notice of white space around a setting", () => {
    expect(readConfig({ ...least, PORTAL_API_URL: " http://portal/v1/\n" }).portal.url).toBe(
      "http://portal/v1",
    );
  });

  it.each(["PORTAL_API_KEY", "ACCESS_TOKEN", "REPORT_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
    "says that %s is missing",
    (name) => {
      expect(refusalOf({ ...least, ...server, [name]: " " })).toBe(
        `ConfigError: the setting ${name} is missing`,
      );
    },
  );

  it.each([
    ["PORTAL_API_URL", "portal"],
    ["PORTAL_API_URL", "ftp://portal/v1"],
    ["PORTAL_API_URL", "https://user:word@portal/v1"],
    ["PORTAL_API_URL", "https://user@portal/v1"],
    ["PORTAL_API_URL", "https://portal/v1?page=1"],
    ["PORTAL_API_URL", "https://portal/v1?"],
    ["PORTAL_API_URL", "https://portal/v1#offers"],
    ["PORTAL_API_KEY", "two words"],
    ["S3_ENDPOINT", "127.0.0.1:9000"],
    ["S3_ENDPOINT", "s3://bucket"],
    ["ACCESS_TOKEN", "access token of the tests"],
    ["ACCESS_TOKEN", "access-token-of-the-tésts"],
    ["ACCESS_TOKEN", "access-token-of-the-tests,"],
    ["ACCESS_TOKEN", "too-short,short-too"],
    ["PORTAL_RATE_WINDOW_SECONDS", "1000001"],
    ["PORTAL_RATE_WINDOW_SECONDS", "1e3"],
    ["PORTAL_RATE_RESERVE", "0x10"],
    ["PORTAL_RATE_RESERVE", "-1"],
    ["LINK_SECONDS", "604801"],
    ["LINK_SECONDS", "1.5"],
    ["REPORT_TIMEZONE", "Europe/Atlantis"],
  ])("refuses %s=%s in one clause that does not quote it", (name, value) => {
    const refusal = refusalOf({ ...least, ...server, [name]: value });
    expect(refusal).toMatch(new RegExp(`^ConfigError: the setting ${name} is malformed: [^;]*$`));
    expect(refusal).not.toContain(value);
  });

  it("names everything that is wrong at once", () => {
    const refusal = refusalOf({ ...least, ACCESS_TOKEN: "short", LINK_SECONDS: "soon", PORTAL_API_KEY: "" });
    for (const name of ["ACCESS_TOKEN", "LINK_SECONDS", "PORTAL_API_KEY"]) expect(refusal).toContain(name);
    expect(refusal).not.toContain("\n");
  });
});
