import type { Crawl } from "./crawl.ts";
import { compareLooks, type Look } from "./look.ts";
import type { Page } from "./page.ts";
import type { Reader } from "./reader.ts";

/** A reader that compares each page with what it showed the last time, and what that says of the list. */
export type Witness = { reader: Reader; testify: (crawl: Crawl) => Crawl };

/** It knows the pages of its window, and of the ones before page 1 and the far page. */
export function watchReader(reader: Reader, { topIds, open }: Crawl): Witness {
  const seen = new Map<number, Look>();
  const twice: [Look, Look][] = [];
  if (topIds !== null) seen.set(1, { number: 1, ids: topIds, isLast: false });
  if (open !== null) seen.set(open.farPage, { number: open.farPage, ids: open.farIds, isLast: open.isLast });

  function see(page: Page): Page {
    const before = seen.get(page.number);
    if (before !== undefined) twice.push([before, page]);
    seen.set(page.number, page);
    return page;
  }

  return {
    reader: {
      readPage: async (number) => see(await reader.readPage(number)),
      readPages: async (numbers) => (await reader.readPages(numbers)).map(see),
      left: () => reader.left(),
    },
    testify(crawl) {
      let told = crawl;
      for (const [before, after] of twice) told = compareLooks(told, before, after);
      return told;
    },
  };
}
