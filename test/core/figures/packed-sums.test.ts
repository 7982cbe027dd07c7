import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../functions/core/basics/decimal.ts";
import { openPackedSums } from "../../../functions/core/figures/packed-sums.ts";

type Added = { owner: number; key: number; amount: string | null };

const cents = fc
  .integer({ min: -1_000_000_000, max: 1_000_000_000 })
  .map((units) => new Big(units).div(100).toFixed());
const amount = fc.oneof(
  cents,
  fc.constantFrom(null, "0", "-0", "21474836.47", "21474836.48", "-21474836.48", "90071992547409.91"),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  cents.map((text) => (text.includes(".") ? `${text}007` : `${text}.0070`)),
);
const added = fc.record({
  owner: fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 5000 })),
  key: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(2 ** 31 - 1)),
  amount,
});

/** Adds up with big.js, one list per owner and key. */
function sumNaively(all: Added[], owner: number): Map<number, { offers: number; value: string }> {
  const keys = new Set(all.filter((one) => one.owner === owner).map(({ key }) => key));
  return new Map(
    [...keys].map((key) => {
      const own = all.filter((one) => one.owner === owner && one.key === key);
      const sum = own.reduce((total, one) => total.plus(one.amount ?? 0), new Big(0));
      const decimals = Math.max(2, sum.toFixed().split(".")[1]?.length ?? 0);
      return [key, { offers: own.length, value: sum.toFixed(decimals) }];
    }),
  );
}

function addAll(all: Added[]) {
  const sums = openPackedSums();
  for (const one of all) sums.add(one.owner, one.key, one.amount === null ? null : parseDecimal(one.amount));
  return (owner: number) =>
    new Map(sums.read(owner).map(({ key, offers, value }) => [key, { offers, value: formatDecimal(value) }]));
}

describe("packed sums", () => {
  it("count and add up exactly what was added, for amounts of any size and many keys", () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 150 }), (all) => {
        const read = addAll(all);
        for (const owner of new Set(all.map((one) => one.owner)))
          expect(read(owner)).toEqual(sumNaively(all, owner));
      }),
    );
  });

  it("have one sum for each key of an owner with very many keys, without a search through all of them", () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => index % 50_000);
    const read = addAll(keys.map((key) => ({ owner: 7, key, amount: "1.50" })));
    expect(read(7).size).toBe(50_000);
    expect(read(7).get(49_999)).toEqual({ offers: 2, value: "3.00" });
  });

  it("are empty for an owner to whom nothing was added", () => {
    const read = addAll([{ owner: 5, key: 1, amount: null }]);
    expect([read(4), read(9999)].map(({ size }) => size)).toEqual([0, 0]);
    expect(read(5)).toEqual(new Map([[1, { offers: 1, value: "0.00" }]]));
  });
});
