import { describe, expect, it } from "vitest";
import { isMailAddress } from "../../../functions/core/settings/setting-rules.ts";
import { mergeRecipients, Recipients } from "../../../functions/core/options/export-request.ts";
import { SchedulesText } from "../../../functions/core/schedule/schedules.ts";

describe("an address", () => {
  it.each(["a@b.nl", "first.last+tag@sub.example-domain.com", "o'neil@xn--bcher-kva.example"])(
    "may be %s",
    (text) => expect(isMailAddress(text)).toBe(true),
  );

  it.each([
    "",
    "anna",
    "anna@localhost",
    "a@b.nl, c@d.nl",
    "Anna <a@b.nl>",
    "a@b.nl\r\nBcc: c@d.nl",
    "a@b.nl\n",
    "a..b@c.nl",
    ".a@c.nl",
    "a@-b.nl",
    "a@b.nl.",
    "a@[192.0.2.1]",
    "é@b.nl",
    `${"a".repeat(65)}@b.nl`,
  ])("is invalid: %j", (text) => expect(isMailAddress(text)).toBe(false));
});

describe("the recipients", () => {
  it("stay in their order, each once, whatever its case", () => {
    expect(mergeRecipients(["a@b.nl"], ["c@d.nl", "A@B.nl", "C@d.nl"])).toEqual(["a@b.nl", "c@d.nl"]);
  });

  it("are ten at most", () => {
    const list = (length: number) => Array.from({ length }, (_, index) => `a${index}@b.nl`);
    expect(Recipients.safeParse(list(10)).success).toBe(true);
    expect(Recipients.safeParse(list(11)).success).toBe(false);
    expect(Recipients.safeParse([]).success).toBe(false);
  });

  it("of a schedule are refused with the place of the fault", () => {
    const schedule = {
      name: "weekly",
      expression: "cron(0 6 ? * MON *)",
      reports: [{}],
      recipients: ["a@b"],
    };
    const { error } = SchedulesText.safeParse(JSON.stringify([schedule]));
    expect(error?.issues[0]?.message).toBe(
      "[0].recipients[0] must be a mail address, such as sales@example.com",
    );
  });
});
