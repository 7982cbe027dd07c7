import { createHash } from "node:crypto";
import * as z from "zod";
import { noNaming } from "../../functions/core/customer/naming.ts";
import { readConfig } from "../../functions/io/config.ts";
import { readExport } from "../../functions/io/export/exports.ts";
import { presentExport } from "../../functions/io/export/link.ts";
import { publishResult } from "../../functions/io/export/publish.ts";
import { writeReport } from "../../functions/io/export/report.ts";
import { openWorld } from "../../functions/io/world.ts";
import { prepareExport } from "./exports.ts";
import type { Figure } from "./figure.ts";

/** The presigned link of the small snapshot's workbook, fetched with a plain HTTP client. */
export async function benchLink(): Promise<Figure[]> {
  const world = openWorld(readConfig(process.env));
  const { id } = await prepareExport(world);
  const written = await writeReport(world, { id, snapshotId: "small", naming: noNaming });
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
