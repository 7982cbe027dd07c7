import { describe, expect, it } from "vitest";
import { makeOfferPage, type OfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { createRandom } from "../../support/crawled-list.ts";
import {
  addOffer,
  crawlRefreshedList,
  growList,
  type ListedOffer,
  type RefreshedList,
  openRefreshedList,
  showOfferPage,
} from "../../support/refreshed-list.ts";
import { runRefresh, repeat, type RefreshRunOptions } from "../../support/refresh-runs.ts";

const pageSize = 15;
/** The number of offers, which fill 100 pages. */
const size = 1_500;

const ends = ["near", "far"] as const;

function open(grows: RefreshedList["grows"]): RefreshedList {
  return openRefreshedList({ size, pageSize, grows, duePerMille: 20 }, createRandom(7));
}

/** Changes the list between the crawl and the refresh. */
type Trick = (listing: RefreshedList) => void;

const nothing: Trick = () => {};

async function refreshAfter(listing: RefreshedList, play: Trick, run: RefreshRunOptions = {}) {
  const before = crawlRefreshedList(listing);
  play(listing);
  return await runRefresh(before, listing, { maxRequests: 200, ...run });
}

function removeAt({ offers }: RefreshedList, ...places: number[]): ListedOffer[] {
  return places.toSorted((a, b) => b - a).flatMap((place) => offers.splice(place, 1));
}

const reverse: Trick = (listing) => void (listing.offers = listing.offers.toReversed());

const sortByText: Trick = (listing) =>
  void (listing.offers = listing.offers.toSorted((a, b) => a.id.localeCompare(b.id)));

const turn: Trick = ({ offers }) => void offers.push(...offers.splice(0, 100));

const reuseIds: Trick = (listing) => {
  for (const { id } of removeAt(listing, 400, 1_100)) addOffer(listing, id);
};

const replaceAll: Trick = (listing) => {
  listing.offers.splice(0);
  repeat(size, () => growList(listing));
};

const empty: Trick = ({ offers }) => void offers.splice(0);

const growAtBoth =
  (count: number): Trick =>
  (listing) => {
    repeat(count, () => growList(listing));
    const grows = listing.grows === "near" ? "far" : "near";
    for (let made = 0; made < count; made += 1) addOffer({ ...listing, grows }, `c${made}`);
  };

/** Deletes the offers at these positions. Adds the same number of new offers at the end where the list grows. */
const exchange =
  (...places: number[]): Trick =>
  (listing) => {
    const gone = removeAt(listing, ...places);
    repeat(gone.length, () => growList(listing));
  };

describe.each(ends)("a refresh of a list that grows at its %s end", (grows) => {
  it.each([
    ["reversed", reverse],
    ["sorted otherwise", sortByText],
    ["begun elsewhere", turn],
    ["given ids of deleted offers to new ones", reuseIds],
    ["another one altogether", replaceAll],
    ["emptied", empty],
    ["grown by one at both ends", growAtBoth(1)],
    ["grown by a page at both ends", growAtBoth(pageSize)],
    ["grown by pages at both ends", growAtBoth(40)],
  ])("soon asks for a crawl when the list was %s", async (_name, play) => {
    const { plan, observations } = await refreshAfter(open(grows), play);
    expect(plan).toMatchObject({ kind: "crawl" });
    expect(observations.length).toBeLessThan(40);
  });

  it.each([
    ["apart", exchange(333, 1_200)],
    ["side by side", exchange(707, 708)],
    ["on both sides of a page's edge", exchange(719, 720)],
    ["at both ends", exchange(0, size - 1)],
    ["by the page", exchange(...Array.from({ length: pageSize }, (_, at) => 600 + at))],
  ])("finds as many added as deleted offers, %s", async (_name, play) => {
    const listing = open(grows);
    const { report } = await refreshAfter(listing, play);
    expect(listing.offers).toHaveLength(size);
    expect(report?.offers).toEqual(listing.offers);
  });

  it("has the offers of a list of which one page is left, or asks for a crawl", async () => {
    const listing = open(grows);
    const { report } = await refreshAfter(listing, ({ offers }) => {
      offers.splice(0, 700);
      offers.splice(pageSize);
    });
    expect(report?.offers ?? listing.offers).toEqual(listing.offers);
  });

  /** Makes a page without offers, as the reader returns it when the portal always answers 404. */
  const hole = (number: number) => makeOfferPage(number, [], true);

  it.each([2, 40, 51, 99, 100])("does not take a 404 at page %d for the end of the list", async (number) => {
    const listing = open(grows);
    const twist = (page: OfferPage) => (page.number === number ? hole(number) : page);
    const { report } = await refreshAfter(listing, exchange(333, 1_200), { twist });
    expect(report?.offers ?? listing.offers).toEqual(listing.offers);
  });

  it.each([2, 40, 51, 99])("continues when page %d is a 404 once", async (number) => {
    const listing = open(grows);
    let holes = 0;
    const twist = (page: OfferPage) => (page.number === number && (holes += 1) === 1 ? hole(number) : page);
    const { report } = await refreshAfter(listing, exchange(333, 1_200), { twist });
    expect(report?.offers).toEqual(listing.offers);
  });

  it.each([-1, 1, -30, 30])("is not misled by pages that show the page %d places away", async (by) => {
    const listing = open(grows);
    const twist = (page: OfferPage) => {
      const isOff = page.number > 30 && page.number < 70;
      return isOff ? { ...showOfferPage(listing, page.number + by), number: page.number } : page;
    };
    const { report } = await refreshAfter(listing, exchange(333, 1_200), { twist });
    expect(report?.offers ?? listing.offers).toEqual(listing.offers);
  });

  /** Both ranges of pages contain page 41, which the refresh reads because of its rotation. */
  it.each([
    [41, 42],
    [31, 70],
  ])(
    "is not misled by pages from %d to before %d that begin a few offers too early or too late",
    async (from, to) => {
      for (const by of [-7, -2, -1, 1, 2, 7]) {
        const listing = open(grows);
        const twist = (page: OfferPage) => {
          const { number, isLast } = page;
          const start = (number - 1) * pageSize + by;
          if (number < from || number >= to) return page;
          return makeOfferPage(number, listing.offers.slice(start, start + pageSize), isLast);
        };
        const { report } = await refreshAfter(listing, exchange(333, 1_200), { twist });
        expect(report?.offers ?? listing.offers, `${by} off`).toEqual(listing.offers);
      }
    },
  );

  it.each([5, 20, 30, 41, 50, 60])("does not lose an offer that page %d hides once", async (number) => {
    const listing = open(grows);
    let left = 1;
    const twist = (page: OfferPage) => {
      if (page.number !== number || left === 0) return page;
      left -= 1;
      const start = (number - 1) * pageSize;
      const shown = listing.offers.filter((_offer, at) => at !== start + 5);
      return makeOfferPage(number, shown.slice(start, start + pageSize), page.isLast);
    };
    const { report } = await refreshAfter(listing, (list) => void removeAt(list, 333, 1_200), { twist });
    expect(report?.offers ?? listing.offers).toEqual(listing.offers);
  });

  it("asks for a crawl when some pages hold more offers than before", async () => {
    const listing = open(grows);
    const { plan } = await refreshAfter(listing, nothing, {
      twist: (page) => showOfferPage({ ...listing, pageSize: page.number > 60 ? 20 : pageSize }, page.number),
    });
    expect(plan).toMatchObject({ kind: "crawl", reason: "uneven" });
  });
});
