import { describe, expect, it } from "vitest";
import { makeOfferPage } from "../../../functions/core/crawl/offer-page.ts";
import { both, done, grow, remove, runRefreshScenario } from "../../support/refresh-scenarios.ts";

/** The requests of refreshes whose list changes a lot, or meanwhile. */

describe("a refresh", () => {
  it("calls for a crawl when page 1 of a list that grows at its far end has only new offers", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        grows: "far",
        twist: (page) =>
          page.number === 1
            ? makeOfferPage(
                1,
                ["v", "w", "x", "y", "z"].map((id) => ({ id })),
                false,
              )
            : page,
      }),
    ).toEqual({ rounds: ["1"], plan: "foreign" });
  });

  it("calls for a crawl when a page is miscounted", async () => {
    expect(
      await runRefreshScenario({
        size: 60,
        twist: (page) => (page.number === 12 ? makeOfferPage(12, page.offers, true, true) : page),
      }),
    ).toEqual({ rounds: ["1"], plan: "contradicted" });
  });

  it("asks for several new offers that may be gone, in small windows", async () => {
    expect(
      await runRefreshScenario({ size: 60, perWindow: 1, play: grow(3), changes: { 4: remove(0, 1) } }),
    ).toEqual({
      ...done,
      rounds: ["1", "13", "14", "13", "6", "3", "1", "b2", "b1", "13", "1"],
      insertions: "b0",
      read: "0 1 2 3 9 10 11 12 13 24 25 26 27 28 57 58 59",
    });
  });

  it("sees the list of one moment when a new offer at the far end goes again", async () => {
    expect(
      await runRefreshScenario({ size: 58, grows: "far", play: grow(4), changes: { 4: remove(60) } }),
    ).toEqual({
      ...done,
      rounds: ["1", "12", "13", "14", "12", "13", "b2", "13", "12"],
      insertions: "b0 b1 b3",
      read: "0 1 2 3 4 55 56 57",
    });
  });

  it("finds the page between many new offers and the known ones", async () => {
    expect(await runRefreshScenario({ size: 200, play: grow(23) })).toEqual({
      ...done,
      rounds: ["1", "2", "4", "8", "5", "3", "45", "46", "45", "5", "1", "4", "1", "2", "1"],
      insertions: "b22 b21 b20 b19 b18 b17 b16 b15 b14 b13 b12 b11 b10 b9 b8 b7 b6 b5 b4 b3 b2 b1 b0",
      read: "0 1 12 13 14 15 16 197 198 199",
    });
  });

  it("finds many new offers and a few deleted ones", async () => {
    expect(
      await runRefreshScenario({ size: 200, rotationPages: 3, play: both(grow(23), remove(60, 90)) }),
    ).toEqual({
      ...done,
      rounds: [
        "1",
        "2",
        "4",
        "8",
        "5",
        "3",
        "45",
        "46",
        "6 7",
        "26",
        "17",
        "12 21",
        "14 19",
        "13 18",
        "a37",
        "a67",
        "45",
        "1",
        "4",
        "1",
        "2",
        "1",
      ],
      insertions: "b22 b21 b20 b19 b18 b17 b16 b15 b14 b13 b12 b11 b10 b9 b8 b7 b6 b5 b4 b3 b2 b1 b0",
      gone: "37-37 67-67",
      read: "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 32 33 34 35 36 38 39 40 41 42 43 44 45 46 47 58 59 60 61 62 63 64 65 66 68 69 70 71 72 73 79 80 81 82 83 104 105 106 107 108 199",
      heads: "40-221",
    });
  });

  it("begins the search anew when an offer enters, and goes on when one is deleted", async () => {
    expect(
      await runRefreshScenario({
        size: 200,
        play: remove(70),
        changes: { 5: grow(), 8: remove(150), 12: grow() },
      }),
    ).toEqual({
      ...done,
      rounds: [
        "1",
        "40",
        "41",
        "20",
        "10",
        "1",
        "41",
        "40",
        "20",
        "10 30",
        "15 35",
        "40",
        "40",
        "1",
        "41",
        "40",
        "20",
        "30",
        "35",
        "32",
        "31",
        "a70 a150",
        "40",
        "1",
      ],
      insertions: "b1 b0",
      gone: "70-70 150-150",
      read: "0 1 2 3 4 44 45 46 47 48 68 69 71 72 73 94 95 96 97 98 99 100 144 145 146 147 148 149 151 152 153 154 155 156 157 158 159 170 171 172 173 174 195 196 197 198 199",
    });
  });

  it("of a list that grows at its far end needs no new search", async () => {
    expect(
      await runRefreshScenario({
        size: 200,
        grows: "far",
        play: remove(70),
        changes: { 5: grow(), 8: remove(150), 12: grow() },
      }),
    ).toEqual({
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
        "a129",
        "40",
        "30",
        "35",
        "32",
        "31",
        "a48",
        "40",
        "40",
      ],
      insertions: "b0 b1",
      gone: "70-70 151-151",
      read: "0 1 2 3 4 45 46 47 48 49 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 96 97 98 99 100 146 147 148 149 150 152 153 154 155 156 157 158 159 160 161 172 173 174 175 176 196 197 198 199",
    });
  });

  it("that is as expensive as it may be is done", async () => {
    expect(await runRefreshScenario({ size: 60, maxRequests: 7, play: remove(4, 5) })).toEqual({
      ...done,
      rounds: ["1", "12", "13", "a4 a5", "12", "1"],
      gone: "4-5",
      read: "0 1 2 3 6 57 58 59",
    });
  });

  it("that is more expensive is replaced by a crawl", async () => {
    expect(await runRefreshScenario({ size: 60, maxRequests: 5, play: remove(4, 5) })).toEqual({
      rounds: ["1", "12", "13", "a4 a5"],
      plan: "costly",
    });
    expect(await runRefreshScenario({ size: 60, maxRequests: 4, play: remove(4, 5) })).toEqual({
      rounds: ["1", "12", "13"],
      plan: "costly",
    });
  });

  it("asks by id for no offer when too many are gone, because a crawl follows", async () => {
    expect(await runRefreshScenario({ size: 200, play: (list) => void list.offers.splice(82, 42) })).toEqual({
      rounds: ["1", "40", "39", "37", "33", "25", "29", "31", "32", "13", "19", "16", "17", "32", "1"],
      plan: "shrunk",
    });
  });

  it("follows insertions in each of its rounds", async () => {
    expect(
      await runRefreshScenario({
        size: 200,
        rotationPages: 2,
        play: remove(100),
        changes: { 3: grow(), 6: grow(2), 9: grow() },
      }),
    ).toEqual({
      ...done,
      rounds: ["1", "40", "41", "2", "1", "41", "1", "41", "42", "21", "1", "41", "a100", "41", "1"],
      insertions: "b3 b2 b1 b0",
      gone: "100-100",
      read: "0 1 2 3 4 5 6 7 8 96 97 98 99 101 196 197 198 199",
      heads: "13-203",
    });
  });

  it("has the list of one moment when the list changes at both of its ends", async () => {
    expect(
      await runRefreshScenario({
        size: 200,
        grows: "far",
        rotationPages: 2,
        play: both(remove(100), grow(3)),
        changes: { 3: grow(), 6: remove(60), 9: grow(), 12: remove(199) },
      }),
    ).toEqual({
      ...done,
      rounds: [
        "1",
        "40",
        "41",
        "42",
        "40",
        "2",
        "21",
        "41",
        "11",
        "16",
        "13 18",
        "12 19",
        "20",
        "a139",
        "a99",
        "41",
        "30",
        "35",
        "38",
        "39",
        "40",
        "b1",
        "41",
      ],
      insertions: "b0 b2 b3 b4",
      gone: "60-60 100-100",
      read: "0 1 2 3 4 5 6 7 8 9 50 51 52 53 54 55 56 57 58 59 61 62 63 64 65 76 77 78 79 80 86 87 88 89 90 91 92 93 94 95 96 97 98 99 101 102 103 104 105 106 147 148 149 150 151 172 173 174 175 176 187 188 189 190 191 192 193 194 195 196 197 198 199",
      heads: "10-198",
    });
  });

  it("notices a deletion at the top of the list", async () => {
    expect(
      await runRefreshScenario({ size: 100, play: remove(50), changes: { 5: remove(0), 9: remove(1) } }),
    ).toEqual({
      ...done,
      rounds: [
        "1",
        "20",
        "21",
        "10",
        "15",
        "20",
        "12",
        "11",
        "a50 a51",
        "20",
        "5 16",
        "2",
        "1",
        "a0 a2",
        "20",
        "1",
      ],
      gone: "0-0 2-2 50-50",
      read: "1 3 4 5 6 7 8 9 10 11 22 23 24 25 26 45 46 47 48 49 51 52 53 54 55 56 57 58 59 60 61 72 73 74 75 76 78 79 80 81 82 96 97 98 99",
    });
  });
});
