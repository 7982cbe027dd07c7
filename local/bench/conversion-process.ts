import { seriesKey } from "../../functions/core/basics/bucket-keys.ts";
import { newNameLookup } from "../../functions/core/customer/name-lookup.ts";
import { readConfig } from "../../functions/adapters/settings/settings.ts";
import { hashReportSeries } from "../../functions/adapters/bucket/key-hashes.ts";
import { writeReport } from "../../functions/app/report/write-report.ts";
import { openContext } from "../../functions/app/context.ts";
import { prepareExport } from "./bench-data.ts";

/** Runs one conversion. Usage: `conversion-process.ts <snapshot> <format> [earlier snapshot]`. */
const [snapshotId = "", format = "", earlierId = ""] = process.argv.slice(2);
const app = openContext(readConfig(process.env));
const { id, options } = await prepareExport(app, format);
const earlier = {
  id: "an-export",
  schedule: null,
  asOf: options.asOf,
  snapshotId: earlierId,
  snapshotAt: "2020-01-01T00:00:00.000Z",
  completeness: "complete",
};
await app.bucket.writeJson(seriesKey(hashReportSeries(app.config, options)), {
  reports: earlierId === "" ? [] : [earlier],
});
const startMs = performance.now();
const written = await writeReport(app, { id, snapshotId, naming: newNameLookup });
const { result } = written ?? {};
const seconds = (performance.now() - startMs) / 1000;
const peakMb = process.resourceUsage().maxRSS / 1024;
if ((earlierId !== "") !== (result?.changes != null)) throw new Error("compared with the wrong snapshot");
process.stdout.write(JSON.stringify({ rows: result?.rows, seconds, peakMb, bytes: result?.file.bytes }));
