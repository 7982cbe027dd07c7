import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const runbook = await readFile(fileURLToPath(new URL("../../docs/runbook.md", import.meta.url)), "utf8");

const [alarms = "", figures = ""] = runbook.split("## The metrics");

/**
 * The names of the alarms in docs/runbook.md. `rows` has those in the table. `queries` has those whose section has a
 * query.
 */
export const runbookAlarms = {
  rows: [...alarms.matchAll(/^\| \[`(\w+)`\]\(#\w+\) +\| .*\| .*\|$/gm)].flatMap(([, name = ""]) => name),
  queries: [...alarms.matchAll(/^### `(\w+)`\n(?:(?!```|#).*\n)+```\n/gm)].flatMap(([, name = ""]) => name),
};

/** The metrics that docs/runbook.md explains. */
export const runbookMetrics = [...figures.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(
  ([, names = ""]) => names.match(/\w+/g) ?? [],
);

const words = new Set(
  "fields filter sort stats by desc asc and or not in limit count bin ispresent 5m".split(" "),
);

/** Lists the fields in the queries of docs/runbook.md. Leaves out the fields that CloudWatch adds to every line. */
export function listQueriedFields(): string[] {
  const queries = [...runbook.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, query = ""]) => query);
  const names = queries.flatMap((query) => query.replaceAll(/"[^"]*"/g, "").match(/[@\w]+/g) ?? []);
  return [...new Set(names)].filter((name) => !words.has(name) && !/^(@|\d+$)/.test(name));
}
