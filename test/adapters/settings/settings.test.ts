import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readApiConfig, readConfig, readHttpConfig } from "../../../functions/adapters/settings/settings.ts";

const required = { PORTAL_API_KEY: "portal-key-of-the-tests", REPORT_BUCKET: "offer-export-tests" };
const access = { ACCESS_TOKEN: "access-token-of-the-tests" };
const workflow = { EXPORT_WORKFLOW: "offer-export-ExportHandler", EXPORT_WORKFLOW_QUALIFIER: "live" };
const server = {
  S3_ENDPOINT: "http://127.0.0.1:9000",
  AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
  AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
};

/** Returns the text of the error that these settings cause; empty when they cause none. */
function refusalOf(env: Record<string, string>): string {
  try {
    readHttpConfig({ ...access, ...workflow, ...env });
  } catch (error) {
    return String(error);
  }
  return "";
}

describe("readConfig", () => {
  it("fills in the defaults", () => {
    expect(readConfig(required)).toEqual({
      portal: {
        url: "https://api.mijnklantportaal.nl/v1",
        key: "portal-key-of-the-tests",
        rateWindowMs: 60_000,
        rateReserve: 0,
      },
      zone: "Europe/Amsterdam",
      lateDays: 60,
      linkSeconds: 900,
      bucket: { name: "offer-export-tests", region: "eu-central-1", endpoint: null, credentials: null },
      post: null,
    });
  });

  it("takes linked secrets without the line end of the command that set them", () => {
    const program = `
      const { readConfig } = await import("./functions/adapters/settings/settings.ts");
      process.stdout.write(JSON.stringify(readConfig({ REPORT_BUCKET: "offer-export-tests" }).portal.key));
    `;
    // A process of its own, because SST's library keeps the links that it has read.
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      env: { SST_RESOURCE_App: "{}", SST_RESOURCE_PortalApiKey: JSON.stringify({ value: "portal-key\n" }) },
      encoding: "utf8",
    });
    expect(stdout).toBe('"portal-key"');
  });

  it("requires PUBLIC_URL when there is a sender", () => {
    const mailing = { ...required, MAIL_SENDER: "reports@example.com" };
    expect(readConfig({ ...mailing, PUBLIC_URL: "https://reports.example/" }).post).toEqual({
      sender: "reports@example.com",
      configurationSet: null,
      publicUrl: "https://reports.example/",
      region: "eu-central-1",
      endpoint: null,
    });
    expect(() => readConfig(mailing)).toThrow("the setting PUBLIC_URL is missing");
    expect(readApiConfig({ ...mailing, ...access }).post).toMatchObject({ publicUrl: null });
  });

  it("reads the keys of another S3 server, and leaves those of AWS to the SDK", () => {
    const { S3_ENDPOINT: endpoint, ...keys } = server;
    expect(readConfig({ ...required, ...server }).bucket).toMatchObject({
      endpoint,
      credentials: { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" },
    });
    expect(readConfig({ ...required, ...keys }).bucket.credentials).toBe(null);
  });

  it("ignores white space around a setting", () => {
    expect(readConfig({ ...required, PORTAL_API_URL: " https://portal/v1/\n" }).portal.url).toBe(
      "https://portal/v1",
    );
  });
});

describe("the address of the portal", () => {
  it.each([
    "http://localhost:8080/v1",
    "http://127.0.0.1/v1",
    "http://127.8.9.10/v1",
    "http://127.1/v1",
    "http://[::1]:80/v1",
  ])("may be %s without encryption, because it is on this machine", (url) => {
    expect(readConfig({ ...required, PORTAL_API_URL: url }).portal.url).toBe(url);
  });

  it("is refused with the reason when it would send the key unencrypted", () => {
    expect(() => readConfig({ ...required, PORTAL_API_URL: "http://portal.example/v1" })).toThrow(
      /^the setting PORTAL_API_URL is malformed: .* sends the key unencrypted\)$/,
    );
  });
});

describe("readApiConfig", () => {
  it("adds the access tokens, one or several", () => {
    expect(readApiConfig({ ...required, ...access })).toEqual({
      ...readConfig(required),
      accessTokens: ["access-token-of-the-tests"],
      noticeSecrets: new Map(),
    });
    const tokens = "access-token-of-the-tests, another-token-of-the-tests";
    expect(readApiConfig({ ...required, ACCESS_TOKEN: tokens }).accessTokens).toEqual([
      "access-token-of-the-tests",
      "another-token-of-the-tests",
    ]);
  });
});

describe("the setting PORTAL_WEBHOOK_SECRETS", () => {
  it("lists the secrets of each type of webhook", () => {
    const given =
      "offer-created=secret-of-one, offer-created=secret-of-two,offer-deleted=a=secret=with=signs\n";
    const env = { ...required, ...access, PORTAL_WEBHOOK_SECRETS: given };
    expect(readApiConfig(env).noticeSecrets).toEqual(
      new Map([
        ["offer-created", ["secret-of-one", "secret-of-two"]],
        ["offer-deleted", ["a=secret=with=signs"]],
      ]),
    );
  });

  it("is named but not quoted when it is malformed", () => {
    const refusal = refusalOf({ ...required, PORTAL_WEBHOOK_SECRETS: "offer-made=secret-of-three" });
    expect(refusal).toMatch(/^ConfigError: the setting PORTAL_WEBHOOK_SECRETS is malformed: must be such as/);
    expect(refusal).not.toMatch(/offer-made|secret-of-three/);
  });
});

describe("readHttpConfig", () => {
  it("adds the workflow, in the region of the function", () => {
    const env = { ...required, ...access, ...workflow, AWS_REGION: "eu-west-1" };
    expect(readHttpConfig(env)).toEqual({
      ...readApiConfig(env),
      workflow: { name: "offer-export-ExportHandler", qualifier: "live", region: "eu-west-1" },
    });
  });

  it.each([
    "PORTAL_API_KEY",
    "ACCESS_TOKEN",
    "REPORT_BUCKET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "EXPORT_WORKFLOW",
    "EXPORT_WORKFLOW_QUALIFIER",
  ])("says that %s is missing", (name) => {
    expect(refusalOf({ ...required, ...server, [name]: " " })).toBe(
      `ConfigError: the setting ${name} is missing`,
    );
  });

  it.each([
    ["PORTAL_API_URL", "portal"],
    ["PORTAL_API_URL", "ftp://portal/v1"],
    ["PORTAL_API_URL", "http://portal.example/v1"],
    ["PORTAL_API_URL", "http://192.168.1.5:8080/v1"],
    ["PORTAL_API_URL", "http://127.0.0.1.example/v1"],
    ["PORTAL_API_URL", "http://localhost.example/v1"],
    ["PORTAL_API_URL", "http://[::2]/v1"],
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
    ["MAIL_SENDER", "Reports <reports@example.com>"],
    ["PUBLIC_URL", "reports.example"],
  ])("refuses %s=%s in one clause that does not quote it", (name, value) => {
    const refusal = refusalOf({ ...required, ...server, [name]: value });
    expect(refusal).toMatch(new RegExp(`^ConfigError: the setting ${name} is malformed: [^;]*$`));
    expect(refusal).not.toContain(value);
  });

  it("names everything that is wrong at once", () => {
    const wrong = { ACCESS_TOKEN: "short", LINK_SECONDS: "soon", PORTAL_API_KEY: "", S3_ENDPOINT: "s3://" };
    const refusal = refusalOf({ ...required, ...wrong });
    for (const name of Object.keys(wrong)) expect(refusal).toContain(`the setting ${name} is `);
    expect(refusal).not.toContain("\n");
  });
});
