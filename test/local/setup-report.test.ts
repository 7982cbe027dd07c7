import { expect, it } from "vitest";
import { describeChecks } from "../../local/command/setup-report.ts";

const check = (name: "key" | "offers" | "bucket", status: "ok" | "failed" | "skipped", detail: string) => ({
  name,
  status,
  code: "some_code",
  detail,
  remedy: status === "failed" ? "Do this." : null,
});
const ok = check("bucket", "ok", "It works.");

it.each([
  [[ok], ["setup check: all is well"]],
  [
    [
      check("key", "skipped", "An export is\nrunning."),
      check("offers", "skipped", "An export is\nrunning."),
      ok,
    ],
    ["setup check: nothing wrong was found, but these were not checked: key, offers. An export is running."],
  ],
  [
    [check("key", "failed", "It is\nwrong."), check("offers", "skipped", "It needs the key."), ok],
    ["setup check: key failed. It is wrong. Do this."],
  ],
])("the report of a setup check claims no more than was checked: %j", (checks, lines) => {
  expect(describeChecks(checks)).toEqual(lines);
});
