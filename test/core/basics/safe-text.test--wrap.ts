import { describe, expect, it } from "vitest";
import { countLines } from "../../../functions/core/basics/safe-text--wrap.ts";

describe("countLines", () => {
  it.each([
    ["", 1],
    ["0123456789", 1],
    ["01234 6789", 1],
    ["01234 67890", 2],
    ["012345 0123456 01", 2],
    ["012345 0123456 012", 3],
    ["a word-of-more-than-a-line b", 3],
    ["word-of-more-than-a-line", 1],
  ])("breaks %j between words only, into lines of 10: %i", (text, lines) => {
    expect(countLines(text, 10)).toBe(lines);
  });
});
