import { describe, expect, it } from "vitest";
import { parseDay } from "../../functions/core/basics/calendar.ts";
import { parseOptions } from "../../functions/core/options/export-request.ts";
import { rememberTimeZone } from "../../functions/web/client/browser-storage.ts";
import { repeatRequest } from "../../functions/web/components/request-summary.ts";
import { readPageRoute } from "../../functions/web/page-router.ts";

const place = (pathname: string) => readPageRoute({ pathname, search: "" }).name;

it("shows the start page at the addresses whose answer it shows", () => {
  for (const path of ["/", "/exports", "/exports/", "/shares", "/check"]) expect(place(path)).toBe("home");
});

it("knows the addresses of an export, its file and a permanent link, and no others", () => {
  for (const path of ["/exports/one", "/exports/one/file", "/s/token"])
    expect(place(path)).not.toBe("unknown");
  for (const path of ["/s", "/shares/one", "/check/one", "/exports/one/other", "/exports/one/file/more"])
    expect(place(path)).toBe("unknown");
});

describe("a repeated request", () => {
  it.each([
    ["Pacific/Kiritimati", "2026-03-02"],
    ["Pacific/Pago_Pago", "2026-03-01"],
  ])("leaves out a day that was the day of the request, in %s", (timeZone, asOf) => {
    rememberTimeZone(timeZone);
    const { options } = parseOptions({ asOf }, parseDay(asOf) ?? 0);
    expect(repeatRequest({ options, createdAt: "2026-03-01T23:30:00.000Z" })).not.toHaveProperty("asOf");
  });

  it("keeps chosen columns, and names none when none were chosen", () => {
    const repeat = (given: object) => {
      const { options } = parseOptions(given, parseDay("2026-03-02") ?? 0);
      return repeatRequest({ options, createdAt: "2026-03-02T12:00:00.000Z" });
    };
    expect(repeat({ columns: ["status", "amount"] }).columns).toEqual(["status", "amount"]);
    expect(repeat({})).not.toHaveProperty("columns");
  });

  it("keeps a chosen day", () => {
    rememberTimeZone("Pacific/Kiritimati");
    const { options } = parseOptions({ asOf: "2026-03-01" }, parseDay("2026-03-02") ?? 0);
    expect(repeatRequest({ options, createdAt: "2026-03-01T23:30:00.000Z" }).asOf).toBe("2026-03-01");
  });
});
