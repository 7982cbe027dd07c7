import Papa from "papaparse";
import { unfinishedKey } from "../../functions/core/basics/bucket-keys.ts";
import { Unfinished } from "../../functions/core/snapshot/unfinished-crawl.ts";
import { finishExport, startExport } from "./export-requests.ts";
import { rawOffers } from "./offer-fixtures.ts";
import { openVirtualPortal, openVirtualStack } from "./virtual-stack.ts";

/** Opens a stack whose portal answers a number of requests and then fails with 502. */
export async function openPortalOutage(offers = 300) {
  let answers = Infinity;
  const portal = await openVirtualPortal({
    offers: rawOffers(offers),
    limit: 6,
    intercept: (_request, response) => {
      answers -= 1;
      return answers < 0 && Boolean(response.writeHead(502).end());
    },
  });
  const stack = await openVirtualStack(portal);
  const { bucket } = stack.app;

  /** Runs an export whose portal fails after `answered` answers. `pages` lists the pages that the export requested. */
  async function run(answered = Infinity, options: Record<string, unknown> = {}) {
    answers = answered;
    const before = portal.requests.length;
    const id = await startExport(stack, { customers: false, format: "csv", maxAge: 0, ...options });
    const { status, result, problem } = await finishExport(stack, id);
    const asked = portal.requests.slice(before);
    const pages = asked.map(({ path }) => Number(new URL(path, portal.url).searchParams.get("page")));
    return { id, status, result, problem, pages };
  }

  const readUnfinished = (id: string) => bucket.readJson(unfinishedKey(id), Unfinished);

  /** Moves the stored time of the export's failure into the past. */
  async function age(id: string, minutes: number): Promise<void> {
    const { failedAt, ...rest } = Unfinished.parse(await readUnfinished(id));
    const agedAt = new Date(Date.parse(failedAt) - minutes * 60_000).toISOString();
    await bucket.writeJson(unfinishedKey(id), { ...rest, failedAt: agedAt });
  }

  /** Reads the ids of the report's offers from the CSV file, in the order of its rows. */
  async function readIds(url: string): Promise<string[]> {
    const body = (await (await fetch(url)).text()).replace(/^\uFEFF/, "");
    return Papa.parse<string[]>(body, { skipEmptyLines: true }).data.flatMap((row) =>
      row.filter((cell) => cell.startsWith("off_")),
    );
  }

  return {
    stack,
    portal,
    clock: stack.app.clock,
    run,
    readUnfinished,
    age,
    readIds,
    setAnswers: (n: number) => (answers = n),
  };
}
