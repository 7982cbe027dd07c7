import { describe, expect, it } from "vitest";
import { ExportError } from "../../functions/core/error.ts";
import type { Page } from "../../functions/core/page.ts";
import { noRepeats, watchRepeats } from "../../functions/core/repeat.ts";
import { rawOffer } from "../support/offer.ts";

function page(number: number, ids: string[], isLast = false): Page {
  return { number, offers: ids.map((id) => rawOffer({ id })), isLast };
}

function countUntilError(pages: Page[]): number {
  const watch = watchRepeats(noRepeats);
  for (const [index, next] of pages.entries()) {
    try {
      watch.see(next);
    } catch (error) {
      if (error instanceof ExportError && error.code === "portal_repeats") return index;
      throw error;
    }
  }
  return pages.length;
}

describe("watchRepeats", () => {
  it("gives up on the sixth time of the same page", () => {
    expect(countUntilError(Array.from({ length: 50 }, (_, index) => page(index + 1, ["a", "b"])))).toBe(5);
  });

  it("gives up on a list that goes in circles through its first page", () => {
    const circle = Array.from({ length: 60 }, (_, index) => page(index + 1, [`id${index % 10}`]));
    expect(countUntilError(circle)).toBe(14);
  });

  it("gives up on empty pages that keep announcing a next one", () => {
    expect(countUntilError(Array.from({ length: 50 }, (_, index) => page(index + 1, [])))).toBe(4);
  });

  it("bears a few pages without a new offer, when new ones follow", () => {
    const pages = [
      page(1, ["a"]),
      page(2, []),
      page(3, ["a"]),
      page(4, []),
      page(5, ["a"]),
      page(6, ["b"]),
      page(7, []),
      page(8, ["c"]),
    ];
    expect(countUntilError(pages)).toBe(pages.length);
  });

  it("takes offers without an id for new ones", () => {
    const nameless = Array.from({ length: 20 }, (_, index) => ({
      number: index + 1,
      offers: [rawOffer({ id: null })],
      isLast: false,
    }));
    expect(countUntilError(nameless)).toBe(20);
  });

  it("carries what it knows from one window to the next", () => {
    const first = watchRepeats(noRepeats);
    for (const number of [1, 2, 3]) first.see(page(number, ["a"]));
    const second = watchRepeats(JSON.parse(JSON.stringify(first.state())));
    second.see(page(4, ["a"]));
    second.see(page(5, ["a"]));
    expect(() => second.see(page(6, ["a"]))).toThrow("no offer that had not been seen before");
  });
});
