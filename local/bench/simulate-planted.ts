import { findPlantedBug } from "../../test/simulation/planted/find-planted-bug.ts";
import { plantedBugs } from "../../test/simulation/planted/planted-bugs.ts";
import { type Arguments, readCount } from "../command/command-line.ts";

/**
 * Plants each bug of test/simulation/planted/planted-bugs.ts whose name contains the flag `bug`, one after the other,
 * and runs histories until one shows the bug. Prints how many it took, and the invariant that was violated. Describing
 * what happened takes up to 20 seconds for each bug. Returns the exit status.
 */
export async function simulatePlanted(given: Arguments): Promise<number> {
  const { flags } = given;
  const chosen = plantedBugs.filter(({ name }) => name.includes(flags.get("bug") ?? ""));
  const search = {
    seed: flags.get("seed") ?? "planted",
    histories: readCount(given, "histories", 9_999_999) ?? 2000,
    offers: readCount(given, "offers", 9_999_999),
    isDescribed: flags.has("trace"),
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
  return hidden > 0 || chosen.length === 0 ? 1 : 0;
}
