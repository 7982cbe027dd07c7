import type { GridRow, Speech } from "./mail-message.ts";
import type { Sum } from "../language/locales--money.ts";

/** There are some hundred and sixty currencies; more than a few have no place in a mail. */
const mostSums = 5;

/** What some offers are worth, a text for each currency that counts; the first is that of the figures. */
export function writeSums(
  sums: Sum[],
  { locale, format }: Speech,
  write: (sum: Sum) => string = format.money,
): string[] {
  const [main, ...others] = sums.filter(({ currency }) => currency !== null);
  if (main === undefined) return ["–"];
  const counted = [main, ...others].filter(({ value }) => Number(value) !== 0);
  if (counted.length === 0) return [write(main)];
  const more = counted.length - mostSums;
  return [
    ...counted.slice(0, mostSums).map(write),
    ...(more > 0 ? [locale.letter.moreCurrencies(more)] : []),
  ];
}

type Counted = { offers: number; sums: Sum[]; write?: (sum: Sum) => string };

/** How many offers, and what they are worth: in a sentence. */
export function tellWorth({ offers, sums }: Pick<Counted, "offers" | "sums">, speech: Speech): string {
  const { locale, format } = speech;
  const { countOffers, countAndSum } = locale.letter;
  const counted = countOffers(offers, format.count(offers));
  return countAndSum(offers, counted, format.list(writeSums(sums, speech)));
}

/** A row of a label, a number of offers and what they are worth. */
export function countRow(label: string, { offers, sums, write }: Counted, speech: Speech): GridRow {
  const { locale, format } = speech;
  const written = writeSums(sums, speech, write);
  const counted = locale.letter.countOffers(offers, format.count(offers));
  return {
    cells: [[label], [format.count(offers)], written],
    line: `${label}: ${counted}, ${format.list(written)}`,
  };
}
