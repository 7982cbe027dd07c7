import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBucket } from "../../../functions/adapters/bucket/bucket.ts";
import { openComparison } from "../../../functions/app/report/compare-reports.ts";
import { createCalendar } from "../../../functions/core/basics/calendar.ts";
import { createStringSet } from "../../../functions/core/basics/string-set.ts";
import { type ChangeKind, changeKinds, type Changes } from "../../../functions/core/changes/change-kinds.ts";
import type { ListDirection } from "../../../functions/core/crawl/crawl-state.ts";
import { isKnownOffer, judgeOffer } from "../../../functions/core/offer/offer-status.ts";
import { parseOffer, type RawOffer } from "../../../functions/core/offer/offer.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import type { Options } from "../../../functions/core/options/export-options.ts";
import { selectByOptions, selectRow } from "../../../functions/core/report/report-row.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";
import { writeSnapshot } from "../../support/snapshot-fixtures.ts";
import { openVirtualBucket } from "../../support/virtual-stack.ts";

const calendar = createCalendar("Europe/Amsterdam");
const bucketOfTest = async () => openBucket(await openVirtualBucket());

type Side = { offers: Record<string, unknown>[]; asOf: string };
type History = {
  before: Side;
  after: Side;
  given: Record<string, unknown>;
  /** The end of the list at which both snapshots are read. */
  from?: ListDirection;
};

let made = 0;

async function compare(
  bucket: Awaited<ReturnType<typeof bucketOfTest>>,
  { before, after, given, from = "near" }: History,
): Promise<Changes> {
  made += 1;
  const at = "2026-10-01T04:00:00.000Z";
  const manifest = await writeSnapshot(bucket, before.offers, {
    id: `earlier-${made}`,
    at,
    offersPerPart: 7,
  });
  const { asOf } = before;
  const member = { id: "an-export", schedule: null, asOf, snapshotId: manifest.id, snapshotAt: at };
  const comparison = openComparison(bucket, {
    earlier: { member: { ...member, completeness: "complete" }, manifest },
    before: selectByOptions(optionsOf(given, asOf), calendar),
    after: selectByOptions(optionsOf(given, after.asOf), calendar),
    from,
  });
  const isNew = createStringSet();
  for (const [index, raw] of readFrom(after.offers, from).entries()) {
    if (isNew(String(raw["id"]))) comparison.addOffer(raw, parseOffer(raw, calendar));
    if (index % 5 === 4) await comparison.catchUp();
  }
  await comparison.finish(isNew);
  const changes = comparison.summarize({ currency: "EUR", findName: () => null });
  if (typeof changes === "string") throw new Error(changes);
  return changes;
}

function optionsOf(given: Record<string, unknown>, asOf: string): Options {
  return parseOptions({ ...given, asOf }, 40_000).options;
}

const readFrom = <T>(offers: T[], from: ListDirection) => (from === "near" ? offers : offers.toReversed());

function firstOfEach(offers: Record<string, unknown>[]): Record<string, unknown>[] {
  const ids = offers.map(({ id }) => id);
  return offers.filter(({ id }, index) => ids.indexOf(id) === index);
}

/**
 * Lists the ids of the changed offers for each kind of change. Follows the definition of each kind directly, with all
 * offers in memory.
 */
function compareNaively({ before, after, given, from = "near" }: History): Record<string, string[]> {
  const kinds = Object.fromEntries(changeKinds.map((kind): [string, string[]] => [kind, []]));
  const [then, now] = [before, after].map((side) => {
    const selection = selectByOptions(optionsOf(given, side.asOf), calendar);
    return new Map(
      firstOfEach(readFrom(side.offers, from)).map((raw) => [String(raw["id"]), look(raw, selection)]),
    );
  });
  for (const id of new Set([...(then?.keys() ?? []), ...(now?.keys() ?? [])])) {
    const was = then?.get(id);
    const is = now?.get(id);
    const note = (kind: ChangeKind) => kinds[kind]?.push(id);
    if (!was?.isRow && !is?.isRow) continue;
    if (is === undefined) note("gone");
    else if (!is.isKnown) continue;
    else if (!was?.isKnown) {
      note("new");
      if (is.status !== "open") note(is.status);
    } else {
      if (was.status !== is.status) note(is.status === "open" ? "reopened" : is.status);
      if (was.worth !== is.worth) note("amount");
      if (was.dates !== is.dates) note("dates");
    }
  }
  return kinds;
}

function look(raw: RawOffer, selection: ReturnType<typeof selectByOptions>) {
  const offer = parseOffer(raw, calendar);
  const known = isKnownOffer(offer, selection);
  return {
    isKnown: known,
    isRow: selectRow(offer, selection) !== null,
    status: judgeOffer(offer, selection).status,
    worth: offer.amount === null ? null : `${offer.currency} ${new Big(offer.amount).toFixed()}`,
    dates: `${offer.issuedAt} ${offer.expiresAt}`,
  };
}

const days = ["2026-08-30", "2026-09-15", "2026-09-30", "2026-10-01", "2026-10-24", "2026-11-05", "no day"];
const moments = [...days.slice(0, -1).map((day) => `${day}T23:30:00+02:00`), "no moment", null, null, null];
const fields = fc.record(
  {
    amount: fc.constantFrom("10", "10.00", "12.50", "-3", "1e2", "about ten", null),
    currency: fc.constantFrom("EUR", "EUR", "USD", null),
    issuedAt: fc.constantFrom(...days),
    expiresAt: fc.constantFrom(...days),
    acceptedAt: fc.constantFrom(...moments),
    rejectedAt: fc.constantFrom(...moments),
    createdAt: fc.constantFrom(...moments),
  },
  { requiredKeys: [] },
);

const offer = fc.record({ id: fc.integer({ min: 1, max: 60 }), is: fields, was: fields, fate: fc.nat(5) });

/** Random pairs of snapshots. Most offers are the same in both, some change, some are added and some are deleted. */
const histories = fc
  .record({
    offers: fc.array(offer, { maxLength: 60 }),
    isScrambled: fc.boolean(),
    from: fc.constantFrom("near" as const, "far" as const),
    status: fc.option(fc.subarray(["open", "accepted", "rejected", "expired"], { minLength: 1 })),
    period: fc.constantFrom(undefined, "this-month", "2026-09"),
    asOf: fc.constantFrom("2026-09-30", "2026-10-25"),
  })
  .map(({ offers, isScrambled, from, status, period, asOf }): History => {
    const id = (number: number) => `off_${String(number).padStart(15, "0")}`;
    const then = offers.map((one) => rawOffer({ id: id(one.id), ...one.was }));
    const now = offers.map((one) => rawOffer({ id: id(one.id), ...one.was, ...(one.fate === 2 && one.is) }));
    const after = now.filter((_, index) => offers[index]?.fate !== 0);
    return {
      before: { offers: then.filter((_, index) => offers[index]?.fate !== 1), asOf: "2026-09-30" },
      after: { offers: isScrambled ? after.toReversed() : after, asOf },
      given: { ...(status && { status }), ...(period && { period }) },
      from,
    };
  });

describe("the comparison of two snapshots", () => {
  it(
    "gives the changes that the definitions give for all offers at once, for any history",
    { timeout: 60_000 },
    async () => {
      const bucket = await bucketOfTest();
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const { kinds } = await compare(bucket, history);
          const told = Object.entries(kinds).map(([kind, { rows }]) => [
            kind,
            rows.map((row) => row.offerId),
          ]);
          const sort = (all: Record<string, string[]>) =>
            Object.fromEntries(Object.entries(all).map(([kind, ids]) => [kind, ids.toSorted()]));
          expect(sort(Object.fromEntries(told))).toEqual(sort(compareNaively(history)));
        }),
        { numRuns: 150 },
      );
    },
  );

  const plain = { before: { asOf: "2026-09-30" }, after: { asOf: "2026-10-31" } };

  async function compareOffers(
    before: Record<string, unknown>[],
    after: Record<string, unknown>[],
    given: Record<string, unknown> = {},
  ): Promise<Changes> {
    return await compare(await bucketOfTest(), {
      before: { ...plain.before, offers: before },
      after: { ...plain.after, offers: after },
      given,
    });
  }

  const open = { issuedAt: "2026-09-20", expiresAt: "2026-12-01", createdAt: "2026-09-20T09:00:00+02:00" };

  it("counts an offer that was accepted for another amount as accepted and as changed in amount", async () => {
    const before = [rawOffer({ ...open, amount: "100.00" })];
    const after = [rawOffer({ ...open, amount: "85.5", acceptedAt: "2026-10-02T10:00:00+02:00" })];
    const { kinds } = await compareOffers(before, after);
    expect(kinds.accepted).toMatchObject({ offers: 1, value: "85.50" });
    expect(kinds.amount).toMatchObject({ offers: 1, value: "-14.50" });
    expect(kinds.amount.rows).toEqual([
      expect.objectContaining({
        before: expect.objectContaining({ amount: "100.00", status: "open" }),
        after: expect.objectContaining({ amount: "85.5", status: "accepted" }),
      }),
    ]);
  });

  it("treats currencies that differ in case, blanks and line ends as one", async () => {
    const before = [rawOffer({ ...open, id: "a", amount: "5" }), rawOffer({ ...open, id: "b", amount: "7" })];
    const after = [
      rawOffer({ ...open, id: "a", amount: "5", currency: "eur" }),
      rawOffer({ ...open, id: "b", amount: "9", currency: `EUR\r\n${" ".repeat(200)}` }),
      rawOffer({ ...open, id: "c", amount: "3", currency: " Eur" }),
    ];
    const { kinds, otherCurrencies } = await compareOffers(before, after);
    expect(kinds.amount).toMatchObject({ offers: 1, value: "2.00", rows: [{ offerId: "b" }] });
    expect(kinds.new).toMatchObject({ offers: 1, value: "3.00", rows: [{ after: { currency: "EUR" } }] });
    expect(otherCurrencies).toEqual([]);
  });

  it("ignores values that mean no decision, and reads moments on its calendar", async () => {
    const offers = (acceptedAt: unknown) => [rawOffer({ ...open, acceptedAt })];
    const none = await compareOffers(offers(null), offers("0000-00-00 00:00:00"));
    expect(Object.values(none.kinds).map((kind) => kind.offers)).toEqual(Array(8).fill(0));
    const local = await compareOffers(offers("2026-10-01 00:00:00"), offers("2026-10-01 00:00:00"));
    expect(local.kinds.accepted.offers).toBe(1);
  });

  it("lists an offer that left a report of open offers as accepted, or as gone if the portal lacks it", async () => {
    const offers = [rawOffer({ ...open, id: "a" }), rawOffer({ ...open, id: "b", amount: "7.00" })];
    const after = [rawOffer({ ...open, id: "a", acceptedAt: "2026-10-02T10:00:00+02:00" })];
    const { kinds } = await compareOffers(offers, after, { status: ["open"] });
    expect(kinds.accepted.rows.map(({ offerId }) => offerId)).toEqual(["a"]);
    expect(kinds.gone).toMatchObject({ offers: 1, value: "7.00", rows: [{ offerId: "b", after: null }] });
  });

  it("lists an offer as new if it was created after the earlier day, even if the earlier snapshot has it", async () => {
    const young = { ...open, issuedAt: "2026-10-01", createdAt: "2026-10-01T00:30:00+02:00" };
    const { kinds } = await compareOffers([rawOffer(young)], [rawOffer(young)]);
    expect(kinds.new.offers).toBe(1);
    const older = { ...young, createdAt: "2026-09-30T23:30:00+02:00" };
    expect((await compareOffers([rawOffer(older)], [rawOffer(older)])).kinds.new.offers).toBe(0);
  });

  it("keeps currencies apart: an offer with a new currency is subtracted from one and added to the other", async () => {
    const { kinds, otherCurrencies } = await compareOffers(
      [rawOffer({ ...open, amount: "10.00" })],
      [rawOffer({ ...open, amount: "12.00", currency: "USD" })],
    );
    expect(kinds.amount).toMatchObject({ offers: 1, value: "-10.00" });
    expect(otherCurrencies).toMatchObject([{ currency: "USD", values: { amount: "12.00", new: "0.00" } }]);
  });

  it("treats 12.5 and 12.50 as the same amount", async () => {
    const { kinds } = await compareOffers(
      [rawOffer({ ...open, amount: "12.5" })],
      [rawOffer({ ...open, amount: "12.50" })],
    );
    expect(kinds.amount.offers).toBe(0);
  });

  it("puts the most valuable first", async () => {
    const offers = ["5.00", "500.00", "50.00"].map((amount) => rawOffer({ ...open, id: amount, amount }));
    const { kinds } = await compareOffers([], offers);
    expect(kinds.new.rows.map(({ offerId }) => offerId)).toEqual(["500.00", "50.00", "5.00"]);
  });
});
