import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const night = await readFile(fileURLToPath(new URL("../../docs/night.md", import.meta.url)), "utf8");

const [alarms = "", figures = ""] = night.split("## The metrics");

/** The names of the alarms in docs/night.md. `rows` has those in the table, and `queries` has those with a query. */
export const nightAlarms = {
  rows: [...alarms.matchAll(/^\| `(\w+)` +\| .*\| .*\|$/gm)].flatMap(([, name = ""]) => name),
  queries: [...alarms.matchAll(/^### `(\w+)`\n\n```\n/gm)].flatMap(([, name = ""]) => name),
};

/** The metrics that docs/night.md explains. */
export const nightMetrics = [...figures.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(
  ([, names = ""]) => names.match(/\w+/g) ?? [],
);

const words = new Set(
  "fields filter sort stats by desc asc and or not in limit count bin ispresent 5m".split(" "),
);

/** Lists the fields in the queries of docs/night.md. Leaves out the fields that CloudWatch adds to every line. */
export function listQueriedFields(): string[] {
  const queries = [...night.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, query = ""]) => query);
  const names = queries.flatMap((query) => query.replaceAll(/"[^"]*"/g, "").match(/[@\w]+/g) ?? []);
  return [...new Set(names)].filter((name) => !words.has(name) && !/^(@|\d+$)/.test(name));
}
