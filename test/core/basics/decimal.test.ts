import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDecimal,
  compareDecimals,
  calculateShare,
  formatDecimal,
  parseDecimal,
  zeroDecimal,
} from "../../../functions/core/basics/decimal.ts";

/** Random decimals without an exponent, of any length and sign. */
export const plainDecimal = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.stringMatching(/^(\.\d{1,12})?$/),
  )
  .map((parts) => parts.join(""));

function sumUp(amounts: string[]): string {
  const sum = zeroDecimal();
  for (const amount of amounts) addDecimal(sum, parseDecimal(amount));
  return formatDecimal(sum);
}

describe("a sum of decimals", () => {
  it.each([
    [[], "0.00"],
    [["12"], "12.00"],
    [["0.1", "0.2"], "0.30"],
    [["1.2345", "0.0005"], "1.235"],
    [["-0.75", "0.5"], "-0.25"],
    [["9007199254740993.01", "0.10"], "9007199254740993.11"],
    [["1.00000001", "-1.00000001"], "0.00"],
  ])("of %j is %s", (amounts, sum) => {
    expect(sumUp(amounts)).toBe(sum);
  });

  it("equals big.js's sum, in any order", () => {
    fc.assert(
      fc.property(fc.array(plainDecimal), (amounts) => {
        const expected = amounts.reduce((sum, amount) => sum.plus(amount), new Big(0));
        expect(expected.eq(sumUp(amounts))).toBe(true);
        expect(sumUp(amounts.toReversed())).toBe(sumUp(amounts));
      }),
    );
  });
});

describe("decimals", () => {
  it("are ordered by their value", () => {
    fc.assert(
      fc.property(plainDecimal, plainDecimal, (a, b) => {
        expect(compareDecimals(parseDecimal(a), parseDecimal(b))).toBe(new Big(a).cmp(b));
      }),
    );
  });
});

describe("calculateShare", () => {
  it.each([
    ["1", "3", 0.3333],
    ["2", "3", 0.6667],
    ["0.00005", "1", 0.0001],
    ["0", "7.5", 0],
    ["7.50", "7.5", 1],
    ["0", "0", null],
    ["-1", "3", null],
    ["4", "3", null],
    ["1", "-3", null],
  ])("of %s in %s is %j", (part, whole, share) => {
    expect(calculateShare(parseDecimal(part), parseDecimal(whole))).toBe(share);
  });
});
