import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatExportId, parseExportId } from "../../../functions/core/basics/bucket-keys.ts";

const key = "0123456789ab";

describe("an export's id", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e13 }), (startedMs) => {
        expect(parseExportId(formatExportId({ startedMs, optionsKey: key }, "ba9876543210"))).toEqual({
          startedMs,
          optionsKey: key,
        });
      }),
    );
  });

  it("stands before every older one in a listing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e13 }),
        fc.integer({ min: 1, max: 1e12 }),
        (startedMs, laterMs) => {
          const older = formatExportId({ startedMs, optionsKey: key }, "000000000000");
          const newer = formatExportId({ startedMs: startedMs + laterMs, optionsKey: key }, "ffffffffffff");
          expect(newer < older).toBe(true);
        },
      ),
    );
  });

  it.each([
    "",
    "x",
    "../secret",
    "zd37ovrvu-cbeb91a97cff-8a6fe4372267/..",
    "ZD37OVRVU-cbeb91a97cff-8a6fe4372267",
  ])("is not %j", (text) => {
    expect(parseExportId(text)).toBeNull();
  });
});
