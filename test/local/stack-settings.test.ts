import { describe, expect, it } from "vitest";
import { describeCommand, parseArguments } from "../../local/command/command-line.ts";
import { demoFlags, readDemoFlags } from "../../local/command/demo-flags.ts";
import { describeUnusedSettings, rejectInventedOffers } from "../../local/command/setting-notices.ts";
import { findOtherSettings, hashSettings } from "../../local/setting-hashes.ts";
import { readSettings } from "../../local/stack-settings.ts";

const command = { call: "npm start", about: "", flags: demoFlags };

function readFlags(flags: string[], env: Record<string, string> = {}) {
  const given = parseArguments(command, flags, env);
  return readSettings({}, given === null ? undefined : readDemoFlags(given)).demo;
}

describe("the flags of npm start", () => {
  it("set the demo's clock and size", () => {
    expect(readFlags(["--clock", "60", "--offers=20000"])).toEqual({ speed: 60, offers: 20_000 });
    expect(readFlags([])).toEqual({ speed: null, offers: null });
  });

  it("name their first values in the help, and say that they stay", () => {
    const help = describeCommand(command).replaceAll(/\s+/g, " ");
    expect(help).toContain("limit: 1 at first. Later starts without this flag keep the number.");
    expect(help).toContain("has: 347 at first. Another number makes a new one. Later starts");
  });

  it.each([
    [["--clock", "fast"], "--clock takes a whole number from 1 to 1000"],
    [["--clock", "0"], "--clock takes a whole number from 1 to 1000"],
    [["--clock"], "--clock takes a whole number from 1 to 1000"],
    [["--offers", "1e9"], "--offers takes a whole number from 1 to 1000000"],
    [["--offers", "1", "--offers=2"], "--offers is given more than once"],
    [["--speed", "2"], "npm start does not know --speed: there are --clock, --offers, --help"],
    [["--offer", "2"], "npm start does not know --offer: is --offers meant? there are"],
    [
      ["60"],
      "npm start does not take 60: npm wants -- before the options, as in npm start -- --help; there are",
    ],
  ])("are refused by name: %s", (flags, message) => {
    expect(() => readFlags(flags)).toThrow(message);
  });

  it("are refused when npm has kept them, which happens without -- before them", () => {
    expect(() => readFlags(["60"], { npm_config_clock: "true" })).toThrow("npm start -- --clock");
  });

  it("leave another portal's rate limit to its own clock", () => {
    const env = { PORTAL_API_URL: "https://portal.example/v1" };
    expect(() => readSettings(env, { speed: 60, offers: null })).toThrow("--clock is for the demo portal");
    expect(() => readSettings(env, { speed: null, offers: 9 })).toThrow("--offers is for the demo portal");
  });
});

describe("the settings about a portal that are given but not used", () => {
  it.each([
    [{}, null],
    [{ PORTAL_RATE_RESERVE: "5", HOME: "/" }, null],
    [{ PORTAL_API_URL: "https://portal.example", PORTAL_KEY: "key" }, null],
    [{ REPORT_TIME_ZONE: "UTC" }, null],
    [{ PORTAL_API_KEY: "key" }, "PORTAL_API_KEY is set, but PORTAL_API_URL is not. Without PORTAL_API_URL"],
    [
      { PORTAL_KEY: "key" },
      "there is no setting PORTAL_KEY; is PORTAL_API_KEY meant? Without PORTAL_API_URL",
    ],
    [{ PORTL_API_URL: "https://portal.example" }, "there is no setting PORTL_API_URL"],
  ])("stop a command that would save invented offers: %j", (env, reason) => {
    let message = "";
    try {
      rejectInventedOffers(env);
    } catch (error) {
      message = error instanceof Error ? error.message : "";
    }
    expect(message).toContain(reason === null ? "" : `nothing was exported: ${reason}`);
    expect(message === "").toBe(reason === null);
  });
});

describe("the settings that a running stack has not", () => {
  const running = hashSettings({
    REPORT_TIMEZONE: "UTC",
    SCHEDULES: "[]",
    PORTAL_API_URL: "https://p.example",
  });

  it.each([
    [{}, []],
    [{ REPORT_TIMEZONE: " UTC", PORTAL_API_URL: "https://p.example/", LINK_SECONDS: "900" }, []],
    [{ PORT: "1", LOCAL_DIR: "x", ACCESS_TOKEN: "y", AWS_REGION: "z", FILE_DAYS: "3" }, []],
    [{ REPORT_TIMEZONE: "Asia/Tokyo", MAIL_SENDER: "a@b.example" }, ["REPORT_TIMEZONE", "MAIL_SENDER"]],
    [{ SCHEDULES: "[{}]", PORTAL_API_KEY: "key" }, ["PORTAL_API_KEY", "SCHEDULES"]],
  ])("are found: %j", (env, names) => {
    expect(new Set(findOtherSettings(running, env))).toEqual(new Set(names));
    expect(findOtherSettings({}, env)).toEqual([]);
  });

  it("are compared without their values", () => {
    expect(JSON.stringify(running)).not.toMatch(/UTC|example/);
  });
});

describe("the settings that are set but not used", () => {
  it.each([
    [{ PORTAL_API_KEY: "key" }, ["PORTAL_API_KEY. PORTAL_API_URL is not set"]],
    [{ PORTAL_API_KEY: "key", PORTAL_API_URL: "https://portal.example" }, []],
    [{ PORTAL_APIKEY: "key" }, ["no setting PORTAL_APIKEY; is PORTAL_API_KEY meant?"]],
    [{ REPORT_TIME_ZONE: "UTC", HOME: "/" }, ["no setting REPORT_TIME_ZONE; is REPORT_TIMEZONE meant?"]],
    [{ WEBHOOK_SECRET: "secret" }, ["WEBHOOK_SECRET needs WEBHOOKS"]],
    [{ REPORT_BUCKET: "reports", S3_ENDPOINT: "" }, ["REPORT_BUCKET needs S3_ENDPOINT"]],
  ])("are named without their values: %j", (env, notices) => {
    const described = describeUnusedSettings(env);
    expect(described).toEqual(notices.map((notice) => expect.stringContaining(notice)));
    for (const line of described) expect(line).toMatch(/^NOT USED: [^\n]+$/);
  });
});
