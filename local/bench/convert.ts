import { noNaming } from "../../functions/core/naming.ts";
import { readConfig } from "../../functions/io/config.ts";
import { writeReport } from "../../functions/io/report.ts";
import { openWorld } from "../../functions/io/world.ts";
import { prepareExport } from "./exports.ts";

/** One conversion in a process of its own: `convert.ts <snapshot> <format>`. */
const [snapshotId = "", format = ""] = process.argv.slice(2);
const world = openWorld(readConfig(process.env));
const { id } = await prepareExport(world, format);
const startMs = performance.now();
const result = await writeReport(world, { id, snapshotId, naming: noNaming });
const seconds = (performance.now() - startMs) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ rows: result?.rows, seconds, peakMb, bytes: result?.file.bytes }));
