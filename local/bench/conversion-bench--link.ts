import { createHash } from "node:crypto";
import * as z from "zod";
import { newNameLookup } from "../../functions/core/customer/customer--naming.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { readExport } from "../../functions/app/export/export-store.ts";
import { presentExport } from "../../functions/app/export/export-link.ts";
import { publishResult } from "../../functions/app/report/publish-report.ts";
import { writeReport } from "../../functions/app/report/write-report.ts";
import { openContext } from "../../functions/app/context.ts";
import { prepareExport } from "./bench-data--exports.ts";
import type { BenchFigure } from "./bench-figures.ts";

/** The presigned link of the small snapshot's workbook, fetched with a plain HTTP client. */
export async function benchLink(): Promise<BenchFigure[]> {
  const world = openContext(readConfig(process.env));
  const { id } = await prepareExport(world);
  const written = await writeReport(world, { id, snapshotId: "small", naming: newNameLookup });
  if (written !== null) await publishResult(world, id, written.result);
  const published = await readExport(world, id);
  if (published === null) throw new Error("nothing was published");
  const { url, sha256 } = z
    .object({ url: z.string(), sha256: z.string() })
    .parse((await presentExport(world, published)).result?.file);
  const response = await fetch(url);
  const fetched = createHash("sha256")
    .update(Buffer.from(await response.arrayBuffer()))
    .digest("hex");
  const isReached = fetched === sha256;
  return [
    {
      name: "SHA-256 of the bytes behind the link",
      measured: isReached ? "the answer's" : "another",
      bound: "the answer's",
      isReached,
    },
  ];
}
