import { describe, expect, it } from "vitest";
import { parseDay } from "../../functions/core/basics/calendar.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { rememberTimeZone } from "../../functions/web/client/browser-storage--calendar.ts";
import { repeatRequest } from "../../functions/web/components/request-summary--wanted.ts";

describe("what is asked for again", () => {
  it.each([
    ["Pacific/Kiritimati", "2026-03-02"],
    ["Pacific/Pago_Pago", "2026-03-01"],
  ])("leaves the day to the calendar of %s when it was that of the request", (timeZone, asOf) => {
    rememberTimeZone(timeZone);
    const { options } = parseOptions({ asOf }, parseDay(asOf) ?? 0);
    expect(repeatRequest({ options, createdAt: "2026-03-01T23:30:00.000Z" })).not.toHaveProperty("asOf");
  });

  it("keeps a day that was chosen", () => {
    rememberTimeZone("Pacific/Kiritimati");
    const { options } = parseOptions({ asOf: "2026-03-01" }, parseDay("2026-03-02") ?? 0);
    expect(repeatRequest({ options, createdAt: "2026-03-01T23:30:00.000Z" }).asOf).toBe("2026-03-01");
  });
});
