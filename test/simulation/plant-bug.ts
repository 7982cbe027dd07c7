import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { applyPatches, plantedBugs } from "./planted-bugs.ts";

// Plants the bug that the environment variable PLANTED_BUG names, in this process only. It has to run before the
// service's modules are loaded: `node --import ./test/simulation/plant-bug.ts …`.

const name = process.env["PLANTED_BUG"];
const bug = plantedBugs.find((one) => one.name === name);
if (bug === undefined) throw new Error(`There is no planted bug with the name ${name}.`);

const functions = join(import.meta.dirname, "../../functions");
const patches = Map.groupBy(bug.patches, ({ file }) => pathToFileURL(join(functions, file)).href);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = patches.get(url);
    if (own === undefined) return loaded;
    const source =
      typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: applyPatches(source, own) };
  },
});
