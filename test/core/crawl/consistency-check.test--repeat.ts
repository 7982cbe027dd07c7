import { describe, expect, it } from "vitest";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { assertNotCircular } from "../../../functions/core/crawl/consistency-check--repeat.ts";

function pageOf(number: number, ids: string[], isLast = false) {
  return makeOfferPage(
    number,
    ids.map((id) => ({ id })),
    isLast,
  );
}

const count = (length: number) => Array.from({ length }, (_, index) => index + 1);

describe("assertFresh", () => {
  it("refuses twenty pages in a row that bring nothing new", () => {
    const pages = [
      pageOf(1, ["a"]),
      ...count(19).map((number) => pageOf(number + 1, ["a"])),
      pageOf(21, ["b"]),
    ];
    expect(() => assertNotCircular(pages, [])).not.toThrow();
    expect(() => assertNotCircular([...pages.slice(0, 20), pageOf(21, ["a"])], [])).toThrow("shown before");
  });

  it("refuses twenty empty pages in a row that announce another", () => {
    expect(() =>
      assertNotCircular(
        count(19).map((number) => pageOf(number, [])),
        [],
      ),
    ).not.toThrow();
    expect(() =>
      assertNotCircular(
        count(20).map((number) => pageOf(number, [])),
        [],
      ),
    ).toThrow("shown before");
  });

  it("refuses the list's first page far from its place, and no single offer of it", () => {
    const top = ["top", "x"];
    expect(() => assertNotCircular([pageOf(20, top)], top)).not.toThrow();
    expect(() => assertNotCircular([pageOf(21, ["y", "top"])], top)).not.toThrow();
    expect(() => assertNotCircular([pageOf(21, top)], top)).toThrow("page 21");
  });

  it("tells offers without an id apart by all that they hold", () => {
    const pages = count(30).map((number) => makeOfferPage(number, [{ amount: number }], false));
    expect(() => assertNotCircular(pages, [])).not.toThrow();
    expect(() =>
      assertNotCircular(
        count(30).map((number) => makeOfferPage(number, [{ amount: 1 }], false)),
        [],
      ),
    ).toThrow("shown before");
  });
});
