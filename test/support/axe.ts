import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import * as z from "zod";

const Violations = z.array(
  z.object({
    id: z.string(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string() })),
  }),
);

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with the page as it stands, by rule and place; all rules count, the best practices too. */
export async function findViolations(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not hold for.
  await page.evaluate(`${await source}; undefined`);
  const found: unknown = await page.evaluate("axe.run().then(({ violations }) => violations)");
  return Violations.parse(found).flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}
