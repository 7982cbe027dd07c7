import { createHash } from "node:crypto";
import { z } from "zod";
import { newState } from "../../functions/core/export.ts";
import { parseQuery } from "../../functions/core/request.ts";
import { readConfig } from "../../functions/io/config.ts";
import { presentExport } from "../../functions/io/link.ts";
import { publishResult } from "../../functions/io/publish.ts";
import { writeReport } from "../../functions/io/report.ts";
import { openWorld } from "../../functions/io/world.ts";
import type { Figure } from "./figure.ts";

/** The presigned link of the small snapshot's workbook, fetched with a plain HTTP client. */
export async function benchLink(): Promise<Figure[]> {
  const world = openWorld(readConfig(process.env));
  const { options } = parseQuery(new URLSearchParams(), world.calendar.dayOf(Date.now()));
  const state = newState("small", options, new Date());
  const published = await publishResult(world, state, await writeReport(world, state));
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
