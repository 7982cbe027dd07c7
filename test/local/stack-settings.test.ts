import { describe, expect, it } from "vitest";
import { readSettings } from "../../local/stack-settings.ts";

describe("the flags of npm start", () => {
  it("set the demo's clock and size", () => {
    expect(readSettings({}, ["--clock", "60", "--offers=20000"])).toMatchObject({
      speed: 60,
      offers: 20_000,
    });
    expect(readSettings({})).toMatchObject({ speed: 1, offers: null });
  });

  it.each([
    [["--clock", "fast"], "--clock takes a whole number from 1 to 1000"],
    [["--clock", "0"], "--clock takes a whole number from 1 to 1000"],
    [["--offers", "1e9"], "--offers takes a whole number from 1 to 1000000"],
    [["--speed", "2"], "--speed"],
  ])("are refused by name: %s", (flags, message) => {
    expect(() => readSettings({}, flags)).toThrow(message);
  });

  it("leave another portal's rate limit to its own clock", () => {
    const env = { PORTAL_API_URL: "https://portal.example/v1" };
    expect(() => readSettings(env, ["--clock", "60"])).toThrow("--clock is for the demo portal");
  });
});
