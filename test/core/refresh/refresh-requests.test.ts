import { describe, expect, it } from "vitest";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import {
  both,
  type Change,
  done,
  grow,
  remove,
  runRefreshScenario,
} from "../../support/refresh-scenarios.ts";
import { addOffer, editOffer } from "../../support/refreshed-list.ts";

/** The requests of whole refreshes: what each round reads, and what the refresh has found at its end. */

const edit =
  (place: number): Change =>
  ({ offers }) =>
    editOffer(offers[place]);
const swap =
  (place: number): Change =>
  ({ offers }) =>
    void offers.splice(place, 2, ...offers.slice(place, place + 2).toReversed());

describe("a refresh", () => {
  it("of an unchanged list reads both of its ends twice", async () => {
    expect(await runRefreshScenario({ size: 60 })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12", "1"],
      read: "0 1 2 3 4 55 56 57 58 59",
    });
  });

  it("of an empty list reads page 1", async () => {
    expect(await runRefreshScenario({ size: 0 })).toEqual({ rounds: ["1"], plan: "foreign" });
  });

  it("of one page reads it twice", async () => {
    expect(await runRefreshScenario({ size: 4 })).toEqual({
      ...done,
      rounds: ["1", "2", "1"],
      read: "0 1 2 3",
    });
  });

  it("of a list whose last page is full looks behind it", async () => {
    expect(await runRefreshScenario({ size: 58 })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12", "1"],
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("of a list that grows at its far end reads the last page last", async () => {
    expect(await runRefreshScenario({ size: 58, grows: "far" })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12"],
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("in small windows of the rate limit reads the same pages", async () => {
    expect(await runRefreshScenario({ size: 200, perWindow: 2, rotationPages: 6, play: remove(70) })).toEqual(
      {
        ...done,
        rounds: ["1", "40", "41", "2", "14 15", "27 28", "a70", "40", "1"],
        gone: "70-70",
        read: "0 1 2 3 4 5 6 7 8 9 65 66 67 68 69 71 72 73 74 75 131 132 133 134 135 136 137 138 139 140 196 197 198 199",
        heads: "10-66 75-132 140-199",
      },
    );
  });
});

describe("new offers", () => {
  it("are found on page 1", async () => {
    expect(await runRefreshScenario({ size: 60, play: grow(2) })).toEqual({
      ...done,
      rounds: ["1", "13", "14", "13", "1"],
      insertions: "b1 b0",
      read: "0 1 2 58 59",
    });
  });

  it("are followed to the page on which the known ones begin", async () => {
    expect(await runRefreshScenario({ size: 60, play: grow(12) })).toEqual({
      ...done,
      rounds: ["1", "2", "4", "3", "15", "16", "15", "1", "2", "1"],
      insertions: "b11 b10 b9 b8 b7 b6 b5 b4 b3 b2 b1 b0",
      read: "0 1 2 3 4 5 6 7 58 59",
    });
  });

  it("are found on the last page", async () => {
    expect(await runRefreshScenario({ size: 58, grows: "far", play: grow(2) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12"],
      insertions: "b0 b1",
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("are followed over several last pages", async () => {
    expect(await runRefreshScenario({ size: 58, grows: "far", play: grow(12) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "14", "15", "13", "12", "14"],
      insertions: "b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 b10 b11",
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("that appear meanwhile are found by the proof", async () => {
    expect(await runRefreshScenario({ size: 60, changes: { 4: grow() } })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12", "1", "13", "14", "13", "1"],
      insertions: "b0",
      read: "0 1 2 3 4 54 55 56 57 58 59",
    });
  });

  it("that appear at the far end meanwhile are found by its second reading", async () => {
    expect(await runRefreshScenario({ size: 58, grows: "far", changes: { 3: grow() } })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12", "12"],
      insertions: "b0",
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("that are deleted again at once are asked for by id", async () => {
    expect(await runRefreshScenario({ size: 60, play: grow(2), changes: { 4: remove(0) } })).toEqual({
      ...done,
      rounds: ["1", "13", "14", "13", "6", "3", "1", "b1", "13", "1"],
      insertions: "b0",
      read: "0 1 2 3 9 10 11 12 13 24 25 26 27 28 58 59",
    });
  });
});

describe("deleted offers", () => {
  it("are found by halving the list", async () => {
    expect(await runRefreshScenario({ size: 200, play: remove(70) })).toEqual({
      ...done,
      rounds: ["1", "40", "41", "20", "10", "15", "12", "13", "14", "a70", "40", "1"],
      gone: "70-70",
      read: "0 1 2 3 4 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 96 97 98 99 100 196 197 198 199",
    });
  });

  it("are found one by one when they stand apart", async () => {
    expect(await runRefreshScenario({ size: 200, play: remove(20, 100, 150) })).toEqual({
      ...done,
      rounds: ["1", "40", "41", "20", "10 30", "5", "3", "4", "a20", "a100 a150", "40", "1"],
      gone: "20-20 100-100 150-150",
      read: "0 1 2 3 4 10 11 12 13 14 15 16 17 18 19 21 22 23 24 25 46 47 48 49 50 96 97 98 99 101 147 148 149 151 152 198 199",
    });
  });

  it("are found together when they stand side by side", async () => {
    expect(await runRefreshScenario({ size: 200, play: remove(70, 71, 72, 73, 74, 75) })).toEqual({
      ...done,
      rounds: ["1", "40", "39", "20", "10", "15", "12", "13", "14", "39", "14", "15", "1"],
      gone: "70-70 71-71 72-72 73-73 74-74 75-75",
      read: "0 1 2 3 4 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 76 77 78 79 80 101 102 103 104 105 196 197 198 199",
    });
  });

  it("at both ends are found", async () => {
    expect(await runRefreshScenario({ size: 60, play: remove(0, 59) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "a0 a59", "12", "1"],
      gone: "0-0 59-59",
      read: "1 2 3 4 5 56 57 58",
    });
  });

  it("at both ends of a list that grows at its far end are found", async () => {
    expect(await runRefreshScenario({ size: 60, grows: "far", play: remove(0, 59) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "a59 a0", "12"],
      gone: "0-0 59-59",
      read: "1 2 3 4 5 56 57 58",
    });
  });

  it("at the border of two pages are asked for by id", async () => {
    expect(await runRefreshScenario({ size: 60, play: remove(4, 5) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "a4 a5", "12", "1"],
      gone: "4-5",
      read: "0 1 2 3 6 57 58 59",
    });
  });

  it("and as many new ones are found although the list is as long as before", async () => {
    expect(await runRefreshScenario({ size: 200, play: both(remove(70, 120), grow(2)) })).toEqual({
      ...done,
      rounds: ["1", "41", "40", "20", "10 30", "15 25", "a70 a120", "40", "1"],
      insertions: "b1 b0",
      gone: "70-70 120-120",
      read: "0 1 2 43 44 45 46 47 68 69 71 72 73 94 95 96 97 98 119 121 122 123 124 145 146 147 148 149 195 196 197 198 199",
    });
  });

  it("and as many new ones at the far end are found", async () => {
    expect(
      await runRefreshScenario({ size: 200, grows: "far", play: both(remove(70, 120), grow(2)) }),
    ).toEqual({
      ...done,
      rounds: ["1", "40", "41", "20", "10 30", "15 25", "12 22", "13 23", "14 24", "a129", "a79", "40"],
      insertions: "b0 b1",
      gone: "70-70 120-120",
      read: "0 1 2 3 4 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 96 97 98 99 100 106 107 108 109 110 111 112 113 114 115 116 117 118 119 121 122 123 124 125 126 147 148 149 150 151 197 198 199",
    });
  });

  it("that go during the search are found", async () => {
    expect(await runRefreshScenario({ size: 200, play: remove(70), changes: { 6: remove(150) } })).toEqual({
      ...done,
      rounds: [
        "1",
        "40",
        "41",
        "20",
        "10",
        "15",
        "12",
        "13",
        "14",
        "a70",
        "40",
        "30",
        "35",
        "32",
        "31",
        "a151",
        "40",
        "1",
      ],
      gone: "70-70 151-151",
      read: "0 1 2 3 4 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 96 97 98 99 100 146 147 148 149 150 152 153 154 155 156 157 158 159 160 161 172 173 174 175 176 196 197 198 199",
    });
  });

  it("that go during the proof are found", async () => {
    expect(await runRefreshScenario({ size: 200, play: remove(70), changes: { 9: remove(10) } })).toEqual({
      ...done,
      rounds: [
        "1",
        "40",
        "41",
        "20",
        "10",
        "15",
        "12",
        "13",
        "14",
        "40",
        "a65",
        "a70",
        "40",
        "1",
        "13",
        "7",
        "4",
        "2",
        "3",
        "a10",
        "40",
        "1",
      ],
      gone: "10-10 70-70",
      read: "0 1 2 3 4 5 6 7 8 9 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 96 97 98 99 100 196 197 198 199",
    });
  });

  it("of which 40 are gone are accepted", async () => {
    expect(await runRefreshScenario({ size: 200, play: (list) => void list.offers.splice(80, 40) })).toEqual({
      ...done,
      rounds: [
        "1",
        "40",
        "39",
        "37",
        "33",
        "25",
        "29",
        "31",
        "32",
        "13",
        "19",
        "16",
        "17",
        "32",
        "16",
        "17",
        "1",
      ],
      gone: "80-80 81-81 82-82 83-83 84-84 85-85 86-86 87-87 88-88 89-89 90-90 91-91 92-92 93-93 94-94 95-95 96-96 97-97 98-98 99-99 100-100 101-101 102-102 103-103 104-104 105-105 106-106 107-107 108-108 109-109 110-110 111-111 112-112 113-113 114-114 115-115 116-116 117-117 118-118 119-119",
      read: "0 1 2 3 4 60 61 62 63 64 75 76 77 78 79 120 121 122 123 124 130 131 132 133 134 160 161 162 163 164 180 181 182 183 184 190 191 192 193 194 195 196 197 198 199",
    });
  });

  it("of which more than 40 are gone call for a crawl", async () => {
    expect(await runRefreshScenario({ size: 200, play: (list) => void list.offers.splice(80, 41) })).toEqual({
      rounds: [
        "1",
        "40",
        "39",
        "37",
        "33",
        "25",
        "29",
        "31",
        "32",
        "13",
        "19",
        "16",
        "17",
        "32",
        "16",
        "17",
        "1",
      ],
      plan: "shrunk",
    });
  });
});

describe("offers that are due", () => {
  it("are read again, on as many pages as they stand", async () => {
    expect(await runRefreshScenario({ size: 60, duePerMille: 100, play: edit(3) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "2 3 6 8 11", "12", "1"],
      read: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 25 26 27 28 29 35 36 37 38 39 50 51 52 53 54 55 56 57 58 59",
    });
  });

  it("are read where the shifted list has them now", async () => {
    expect(await runRefreshScenario({ size: 120, duePerMille: 40, play: both(grow(7), remove(40)) })).toEqual(
      {
        ...done,
        rounds: ["1", "2", "26", "27", "4 5 7 9 12", "6", "8", "a33", "26", "2", "1"],
        insertions: "b6 b5 b4 b3 b2 b1 b0",
        gone: "33-33",
        read: "0 1 2 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 34 35 36 37 38 49 50 51 52 53 119",
      },
    );
  });

  it("are those that webhooks have named, too", async () => {
    expect(
      await runRefreshScenario({
        size: 120,
        touchedIds: ["a33", "a77", "off_unknown"],
        play: both(edit(33), grow(3)),
      }),
    ).toEqual({
      ...done,
      rounds: ["1", "25", "26", "8 17", "25", "1"],
      insertions: "b2 b1 b0",
      read: "0 1 32 33 34 35 36 77 78 79 80 81 117 118 119",
    });
  });

  it("may be gone themselves", async () => {
    expect(await runRefreshScenario({ size: 120, touchedIds: ["a33", "a77"], play: remove(33, 77) })).toEqual(
      {
        ...done,
        rounds: ["1", "24", "25", "7 16", "a33 a77", "24", "1"],
        gone: "33-33 77-77",
        read: "0 1 2 3 4 30 31 32 34 35 76 78 79 80 81 117 118 119",
      },
    );
  });
});

describe("the rotation", () => {
  it("reads two pages at each of its heads", async () => {
    expect(await runRefreshScenario({ size: 200, rotationPages: 6 })).toEqual({
      ...done,
      rounds: ["1", "40", "41", "2 14 15 27 28", "40", "1"],
      read: "0 1 2 3 4 5 6 7 8 9 65 66 67 68 69 70 71 72 73 74 130 131 132 133 134 135 136 137 138 139 195 196 197 198 199",
      heads: "10-66 75-133 140-200",
    });
  });

  it("reads one page when it may read one", async () => {
    expect(await runRefreshScenario({ size: 200, rotationPages: 1 })).toEqual({
      ...done,
      rounds: ["1", "40", "41", "40", "1"],
      read: "0 1 2 3 4 195 196 197 198 199",
      heads: "5-200",
    });
  });

  it("follows a shift of the list", async () => {
    expect(
      await runRefreshScenario({ size: 200, rotationPages: 4, play: both(grow(3), remove(100, 103)) }),
    ).toEqual({
      ...done,
      rounds: ["1", "41", "42", "2 21 22", "11", "16", "18", "19", "20", "a97", "a100", "41", "1"],
      insertions: "b2 b1 b0",
      gone: "97-97 100-100",
      read: "0 1 2 3 4 5 6 47 48 49 50 51 72 73 74 75 76 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 98 99 101 102 103 104 105 106 107 108 199",
      heads: "10-102 110-201",
    });
  });

  it("reads more when an offer has changed that should not", async () => {
    expect(await runRefreshScenario({ size: 200, rotationPages: 4, play: edit(2) })).toEqual({
      ...done,
      rounds: ["1", "40", "41", "2 3 4 21 22 23 24", "40", "1"],
      read: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 195 196 197 198 199",
      heads: "20-100 120-200",
    });
  });

  it("of a list that grows at its far end reads the same", async () => {
    expect(
      await runRefreshScenario({ size: 200, rotationPages: 4, grows: "far", play: both(grow(3), edit(101)) }),
    ).toEqual({
      ...done,
      rounds: ["1", "40", "41", "42", "40", "2 21 22", "3 4 23 24 20", "41"],
      insertions: "b0 b1 b2",
      read: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 195 196 197 198 199",
      heads: "20-100 120-200",
    });
  });
});

describe("a crawl replaces a refresh", () => {
  it("that needs as many requests", async () => {
    expect(await runRefreshScenario({ size: 200, maxRequests: 4, play: remove(70) })).toEqual({
      rounds: ["1", "40"],
      plan: "costly",
    });
  });

  it("but not one that needs just as many as it may", async () => {
    expect(await runRefreshScenario({ size: 60, maxRequests: 5 })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "12", "1"],
      read: "0 1 2 3 4 55 56 57 58 59",
    });
  });

  it("when pages differ in length", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        rotationPages: 2,
        twist: (page) => (page.number === 2 ? makeOfferPage(2, page.offers.slice(1), false) : page),
      }),
    ).toEqual({ rounds: ["1", "12", "13", "2"], plan: "uneven" });
  });

  it("when the order has changed", async () => {
    expect(await runRefreshScenario({ size: 60, rotationPages: 4, play: swap(2) })).toEqual({
      rounds: ["1"],
      plan: "reordered",
    });
  });

  it("when a new offer stands in the middle", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        rotationPages: 4,
        play: (list) => void list.offers.splice(2, 0, { id: "x", acceptedAt: null, amount: "1" }),
      }),
    ).toEqual({ rounds: ["1"], plan: "inserted" });
  });

  it("when all offers are new", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        play: (list) => {
          list.offers.splice(0);
          grow(60)(list);
        },
      }),
    ).toEqual({ rounds: ["1", "2", "4", "8", "16"], plan: "foreign" });
  });

  it("when all offers are gone", async () => {
    expect(await runRefreshScenario({ size: 60, play: (list) => void list.offers.splice(0) })).toEqual({
      rounds: ["1"],
      plan: "foreign",
    });
  });

  it("when the list changes all the time", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        changes: Object.fromEntries(Array.from({ length: 80 }, (_, n) => [n, grow()])),
      }),
    ).toEqual({
      rounds: [
        "1",
        "13",
        "1",
        "13",
        "1",
        "2",
        "1",
        "14",
        "1",
        "14",
        "1",
        "15",
        "1",
        "15",
        "1",
        "15",
        "1",
        "16",
        "1",
        "16",
        "1",
        "17",
        "1",
        "17",
        "1",
      ],
      plan: "restless",
    });
  });

  it("when the list grows at its other end", async () => {
    expect(
      await runRefreshScenario({ size: 60, play: (list) => addOffer({ ...list, grows: "far" }, "x") }),
    ).toEqual({
      rounds: [
        "1",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
        "x",
        "12",
        "13",
        "1",
      ],
      plan: "restless",
    });
  });

  it("when a page shows an offer twice", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        twist: (page) =>
          page.number === 1
            ? makeOfferPage(1, [...page.offers.slice(0, 4), ...page.offers.slice(0, 1)], false)
            : page,
      }),
    ).toEqual({ rounds: ["1"], plan: "reordered" });
  });
});

describe("a wrong answer", () => {
  it("that ends the list a page too early is asked for again", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        rotationPages: 4,
        twist: (page, list) => (page.number === 12 && list.requests < 4 ? makeOfferPage(12, [], true) : page),
      }),
    ).toEqual({
      ...done,
      rounds: ["1", "12", "11", "12", "13", "2 7 8", "12", "1"],
      read: "0 1 2 3 4 5 6 7 8 9 30 31 32 33 34 35 36 37 38 39 50 51 52 53 54 55 56 57 58 59",
      heads: "10-30 40-60",
    });
  });

  it("that ends the list a page too early leads to a crawl when the portal repeats it", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        twist: (page) => (page.number === 12 ? makeOfferPage(12, [], true) : page),
      }),
    ).toEqual({ rounds: ["1", "12", "11", "12", "11", "12"], plan: "contradicted" });
  });

  it("that has the offers of another page is not believed", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        rotationPages: 4,
        twist: (page, list) =>
          page.number === 2 ? makeOfferPage(2, list.offers.slice(20, 25), false) : page,
      }),
    ).toEqual({
      rounds: [
        "1",
        "12",
        "13",
        "2 7 8",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
        "2",
        "12",
      ],
      plan: "restless",
    });
  });
});
