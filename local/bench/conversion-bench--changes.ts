import { type Converted, convert, prepareSnapshot } from "./conversion-bench.ts";
import { atMost, type BenchFigure, reportFigure } from "./bench-figures.ts";
import { makeOffer, makeOffers } from "./bench-data--offers.ts";

const offers = 100_000;
const many = 1_000_000;
/** Of few the fastest is a matter of luck: the share is a small difference of two times. */
const rounds = 9;

/**
 * What it adds to a report to be compared with an earlier one, from a ready snapshot to the uploaded file: with and
 * without, in turns and each in a process of its own; the fastest turns count.
 */
export async function benchChanges(): Promise<BenchFigure[]> {
  await prepareSnapshot("now", makeOffers(offers));
  await prepareSnapshot("before", makeEarlier(offers));
  const alone: Converted[] = [];
  const compared: Converted[] = [];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await convert("now", "xlsx"));
    compared.push(await convert("now", "xlsx", "before"));
  }
  const added = findFastest(compared) / findFastest(alone) - 1;
  const peakMb = Math.max(...compared.map((one) => one.peakMb));
  await prepareSnapshot("many", makeOffers(many));
  await prepareSnapshot("reversed", makeReversed(many));
  const worst = await convert("many", "xlsx", "reversed");
  return [
    atMost("comparing 100,000 offers, share of writing their XLSX", added, { most: 0.5, unit: "" }),
    atMost("… with it, peak memory", peakMb, { most: 300, unit: " MB" }),
    reportFigure("… 1,000,000 offers with as many in reversed order", `${Math.round(worst.peakMb)} MB`),
  ];
}

function findFastest(all: Converted[]): number {
  return Math.min(...all.map(({ seconds }) => seconds));
}

/** A month before: one in a hundred was not there yet, has another amount now, was decided since, or is gone. */
function* makeEarlier(count: number) {
  for (let index = count / 100; index < count; index += 1) {
    const offer = makeOffer(index);
    if (index % 100 === 1) yield { ...offer, amount: "1.00" };
    else if (index % 100 === 3) yield { ...offer, acceptedAt: null, rejectedAt: null };
    else yield offer;
    if (index % 100 === 2) yield { ...offer, id: `gone_${index}` };
  }
}

function* makeReversed(count: number) {
  for (let index = count - 1; index >= 0; index -= 1) yield makeOffer(index);
}
