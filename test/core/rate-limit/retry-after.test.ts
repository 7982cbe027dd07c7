import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findRetryAt, parseHttpDate } from "../../../functions/core/rate-limit/retry-after.ts";

const nowMs = Date.parse("2026-11-28T16:00:00Z");
const none = { retryAfter: null, reset: null, date: null };
const at = (text: string) => Date.parse(text);

describe("an HTTP date", () => {
  it.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"],
    ["Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"],
    ["Saturday, 28-Nov-26 16:00:15 GMT", "2026-11-28T16:00:15Z"],
    ["sat, 28 nov 2026 16:00:15 gmt", "2026-11-28T16:00:15Z"],
    ["Sat, 28 Nov 2026 16:00:15 +0000", "2026-11-28T16:00:15Z"],
    ["Saturday, 28-Nov-76 16:00:15 GMT", "2076-11-28T16:00:15Z"],
    ["Monday, 28-Nov-77 16:00:15 GMT", "1977-11-28T16:00:15Z"],
    ["Sat, 28 Nov 2026 23:59:60 GMT", "2026-11-29T00:00:00Z"],
    ["Sat, 29 Feb 2028 00:00:00 GMT", "2028-02-29T00:00:00Z"],
  ])("is read in each of its forms: %s", (text, iso) => {
    expect(parseHttpDate(text, nowMs)).toBe(at(iso));
  });

  it.each([
    "",
    "soon",
    "2026-11-28",
    "28 Nov 2026 16:00:15 GMT",
    "Sat, 28 Nov 2026 16:00:15",
    "Sat, 28 Nov 2026 16:00:15 CET",
    "Sat, 31 Apr 2026 16:00:15 GMT",
    "Sat, 28 Foo 2026 16:00:15 GMT",
    "Sat, 28 Nov 2026 24:00:15 GMT",
    "Sat, 28 Nov 2026 16:60:15 GMT",
    "Sat, 28 Nov 2026 16:00:61 GMT",
    "Sat, 29 Feb 2026 00:00:00 GMT",
  ])("is invalid: %j", (text) => {
    expect(parseHttpDate(text, nowMs)).toBeNull();
  });

  it("is read back from the text that a server writes for any moment", () => {
    const moments = fc.integer({ min: 0, max: Date.parse("9999-12-31T23:59:59Z") / 1000 });
    fc.assert(
      fc.property(moments, (seconds) => {
        expect(parseHttpDate(new Date(seconds * 1000).toUTCString(), nowMs)).toBe(seconds * 1000);
      }),
    );
  });
});

describe("the time of the next try", () => {
  it.each([
    [none, null],
    [{ ...none, retryAfter: "15" }, 15],
    [{ ...none, retryAfter: "0" }, 0],
    [{ ...none, retryAfter: "1.5" }, 1.5],
    [{ ...none, retryAfter: "1.125" }, 1.125],
    [{ ...none, retryAfter: "15 seconds" }, null],
    [{ ...none, retryAfter: "Sat, 28 Nov 2026 16:02:30 GMT" }, 150],
    [{ ...none, retryAfter: "Sat, 28 Nov 2026 15:59:00 GMT" }, 0],
    [{ ...none, retryAfter: "-5" }, null],
    [{ ...none, retryAfter: "a while" }, null],
    [{ ...none, reset: String(nowMs / 1000 + 40) }, 40],
    [{ ...none, reset: String(nowMs + 40_000) }, 40],
    [{ ...none, reset: "40" }, 40],
    [{ ...none, reset: String(nowMs / 1000 - 40) }, 0],
    [{ ...none, reset: "86400" }, 86_400],
    [{ ...none, reset: "86401" }, 0],
    [{ ...none, reset: "99999999999" }, 99_999_999_999 - nowMs / 1000],
    [{ ...none, reset: "100000000000" }, 0],
    [{ ...none, reset: "never" }, null],
    [{ ...none, reset: "in 40" }, null],
    [{ ...none, reset: "40 seconds" }, null],
    [{ ...none, retryAfter: "15", reset: String(nowMs / 1000 + 40) }, 40],
    [{ ...none, retryAfter: "55", reset: String(nowMs / 1000 + 40) }, 55],
    [{ ...none, retryAfter: "0", reset: String(nowMs / 1000 + 40) }, 40],
    [{ ...none, retryAfter: "Sat, 28 Nov 2026 16:02:30 GMT", reset: "40" }, 150],
  ])("is the later of the stated times: %j", (headers, seconds) => {
    expect(findRetryAt(headers, nowMs)).toBe(seconds === null ? null : nowMs + seconds * 1000);
  });

  it.each([
    ["ahead", 90],
    ["behind", -90],
    ["a day ahead", 86_400],
  ])("is converted from the server's clock when that is %s", (_title, aheadSeconds) => {
    const theirs = nowMs + aheadSeconds * 1000;
    const date = new Date(theirs).toUTCString();
    const retryAfter = new Date(theirs + 30_000).toUTCString();
    expect(findRetryAt({ ...none, retryAfter, date }, nowMs)).toBe(nowMs + 30_000);
    expect(findRetryAt({ ...none, reset: String(theirs / 1000 + 30), date }, nowMs)).toBe(nowMs + 30_000);
    expect(findRetryAt({ ...none, retryAfter: "30", date }, nowMs)).toBe(nowMs + 30_000);
  });

  it("ignores the server's clock when that is broken", () => {
    const retryAfter = new Date(nowMs + 30_000).toUTCString();
    for (const date of ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 29 Nov 2026 16:00:01 GMT", "nonsense"])
      expect(findRetryAt({ ...none, retryAfter, date }, nowMs)).toBe(nowMs + 30_000);
  });
});
