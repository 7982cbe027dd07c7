import { describe, expect, it } from "vitest";
import { findPlantedBug } from "../simulation/find-planted-bug.ts";
import { plantedBugs } from "../simulation/planted-bugs.ts";

/** Bugs that show in a few histories with a short list. `npm run simulate -- planted` looks for all of them. */
const soonFound = [
  "a second crawl starts while the first holds the lease",
  "an error 500 of SES counts as not sent",
  "the late result of a deleted export is stored",
  "a repeated tick makes another report",
];

const search = { seed: "planted", offers: 60, histories: 40, isDescribed: false };

describe("the simulation", () => {
  it.each(soonFound)("finds this bug by the promise that it breaks: %s", async (name) => {
    const bug = plantedBugs.find((one) => one.name === name);
    if (bug === undefined) throw new Error(`There is no planted bug with the name ${name}.`);
    const found = await findPlantedBug(bug, search);
    expect(found.number).not.toBeNull();
    expect(bug.invariants).toContain(found.invariant);
  });
});
