import { newState } from "../../functions/core/export.ts";
import { parseQuery } from "../../functions/core/request.ts";
import { readConfig } from "../../functions/io/config.ts";
import { writeReport } from "../../functions/io/report.ts";
import { openWorld } from "../../functions/io/world.ts";

/** One conversion in a process of its own: `convert.ts <snapshot> <format>`. */
const [id = "", format = ""] = process.argv.slice(2);
const world = openWorld(readConfig(process.env));
const { options } = parseQuery(new URLSearchParams({ format }), world.calendar.dayOf(Date.now()));
const startMs = performance.now();
const { rows, file } = await writeReport(world, newState(id, options, new Date()));
const seconds = (performance.now() - startMs) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ rows, seconds, peakMb, bytes: file.bytes }));
