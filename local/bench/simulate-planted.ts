import { parseArgs } from "node:util";
import { findPlantedBug } from "../../test/simulation/find-planted-bug.ts";
import { plantedBugs } from "../../test/simulation/planted-bugs.ts";

/**
 * Usage: `simulate.ts planted [--bug text] [--histories 2000] [--seed planted] [--offers 300] [--trace]` plants each bug of
 * test/simulation/planted-bugs.ts, one after the other, and runs histories until one shows the bug. Prints how many it
 * took, and the invariant that was violated. `--bug` chooses the bugs whose names contain the text. `--trace` prints
 * what happened in each failing history, which takes up to 20 seconds for each bug.
 */
const { values } = parseArgs({
  options: {
    bug: { type: "string", default: "" },
    histories: { type: "string", default: "2000" },
    seed: { type: "string", default: "planted" },
    offers: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});
const chosen = plantedBugs.filter(({ name }) => name.includes(values.bug));
const search = {
  seed: values.seed,
  histories: Number(values.histories),
  offers: values.offers === undefined ? null : Number(values.offers),
  isDescribed: values.trace,
};

let hidden = 0;
process.stdout.write(`| bug | histories | violated |\n| --- | --- | --- |\n`);
for (const bug of chosen) {
  const { number, invariant, description } = await findPlantedBug(bug, search);
  if (number === null) hidden += 1;
  const histories = number === null ? `not in ${search.histories}` : String(number + 1);
  process.stdout.write(`| ${bug.name} | ${histories} | ${invariant ?? ""} |\n`);
  if (description !== null) process.stdout.write(`${description}\n`);
}
process.stdout.write(`${chosen.length - hidden} of ${chosen.length} planted bugs found\n`);
process.exitCode = hidden > 0 || chosen.length === 0 ? 1 : 0;
