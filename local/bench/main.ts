import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startS3 } from "../s3/s3-server.ts";
import type { Command } from "../command/command-line.ts";
import { runCommand } from "../command/run-command.ts";
import { makeSecret } from "../stack-settings.ts";
import { type BenchFigure, formatFigure } from "./bench-figures.ts";
import { benchBundleSize } from "./bundle-size-bench.ts";
import { benchColdStart } from "./cold-start-bench.ts";
import { benchChanges, benchConversion, benchLink } from "./conversion-bench.ts";
import { benchCollecting, benchCrawl } from "./crawl-bench.ts";
import { benchRefresh } from "./refresh-bench.ts";
import { benchWriters } from "./writer-bench.ts";

const bucket = "offer-export-bench";

const benches = {
  collecting: benchCollecting,
  pace: benchCrawl,
  converting: benchConversion,
  convertingSpeed: benchWriters,
  changes: benchChanges,
  refresh: benchRefresh,
  link: benchLink,
  start: benchColdStart,
  weight: benchBundleSize,
};

const command: Command = {
  call: "npm run bench",
  about: `Measures the figures of docs/performance.md: ${Object.keys(benches).join(", ")}.`,
  words: "[beginning of a benchmark's name]",
  flags: {},
};

/**
 * Runs the benchmarks whose names begin with `prefix`. The process exits with 1 when a figure misses its bound.
 */
async function runBenches(prefix: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-bench-"));
  const keys = { accessKeyId: makeSecret(), secretAccessKey: makeSecret() };
  const s3 = await startS3({ directory, port: 0, bucket, ...keys });
  Object.assign(process.env, {
    S3_ENDPOINT: s3.endpoint,
    REPORT_BUCKET: bucket,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    PORTAL_API_KEY: makeSecret(),
  });
  try {
    for (const [name, bench] of Object.entries(benches)) {
      if (name.startsWith(prefix)) report(await bench());
    }
  } finally {
    await s3.stop();
    await rm(directory, { recursive: true });
  }
}

function report(figures: BenchFigure[]): void {
  for (const figure of figures) process.stdout.write(`${formatFigure(figure)}\n`);
  if (figures.some(({ isReached }) => !isReached)) process.exitCode = 1;
}

await runCommand(command, ({ words: [prefix = ""] }) => runBenches(prefix));
