import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findMisspelt } from "../../../functions/core/settings/setting-names.ts";
import { settingNames } from "../../../local/stack-settings.ts";

const findNearest = (name: string) => findMisspelt([name], settingNames)[0]?.nearest;

describe("a name that is probably a misspelt setting", () => {
  it.each([
    ["PORTAL_APIKEY", "PORTAL_API_KEY"],
    ["PORTAL_URL", "PORTAL_API_URL"],
    ["portal_api_key", "PORTAL_API_KEY"],
    ["PORTAL_API_KYE", "PORTAL_API_KEY"],
    ["PORTAL_WEBHOOK_SECRET", "PORTAL_WEBHOOK_SECRETS"],
    ["ACCESS_TOKENS", "ACCESS_TOKEN"],
    ["REPORT_TIME_ZONE", "REPORT_TIMEZONE"],
    ["LOCALDIR", "LOCAL_DIR"],
    ["SCHEDULE", "SCHEDULES"],
  ])("is %s, which is most like %s", (name, nearest) => {
    expect(findNearest(name)).toBe(nearest);
  });

  it.each([
    "PATH",
    "HOST",
    "PORTS",
    "POST",
    "AWS_ACCESS_KEY",
    "AWS_REGIONS",
    "ACCESS",
    "TZ",
    "npm_config_port",
  ])("is not another program's %s", (name) => {
    expect(findNearest(name)).toBe(undefined);
  });

  it("is no setting, and each setting with two letters swapped is", () => {
    expect(findMisspelt(settingNames, settingNames)).toEqual([]);
    const long = settingNames.filter((name) => name.length >= 10 && !name.startsWith("AWS_"));
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), (name, seed) => {
        const at = seed % (name.length - 1);
        const swapped = name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2);
        fc.pre(!settingNames.includes(swapped));
        expect(findNearest(swapped)).toBe(name);
      }),
    );
  });
});
