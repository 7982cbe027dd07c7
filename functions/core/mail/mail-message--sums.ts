import type { MailTableRow, MailLocale } from "./mail-message.ts";
import type { Money } from "../language/locales--money.ts";

/** There are some hundred and sixty currencies; more than a few have no place in a mail. */
const mostSums = 5;

/** What some offers are worth, a text for each currency that counts; the first is that of the figures. */
export function formatAmounts(
  sums: Money[],
  { locale, format }: MailLocale,
  write: (sum: Money) => string = format.money,
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

type Counted = { offers: number; sums: Money[]; write?: (sum: Money) => string };

/** How many offers, and what they are worth: in a sentence. */
export function formatCountAndAmounts({ offers, sums }: Pick<Counted, "offers" | "sums">, speech: MailLocale): string {
  const { locale, format } = speech;
  const { countOffers, countAndSum } = locale.letter;
  const counted = countOffers(offers, format.count(offers));
  return countAndSum(offers, counted, format.list(formatAmounts(sums, speech)));
}

/** A row of a label, a number of offers and what they are worth. */
export function makeCountRow(label: string, { offers, sums, write }: Counted, speech: MailLocale): MailTableRow {
  const { locale, format } = speech;
  const written = formatAmounts(sums, speech, write);
  const counted = locale.letter.countOffers(offers, format.count(offers));
  return {
    cells: [[label], [format.count(offers)], written],
    line: `${label}: ${counted}, ${format.list(written)}`,
  };
}
