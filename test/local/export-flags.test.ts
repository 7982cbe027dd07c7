import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeCommand, parseArguments } from "../../local/command/command-line.ts";
import { exportFlags, readExportQuery } from "../../local/command/export-flags.ts";
import { describeProgress } from "../../local/command/follow-export.ts";
import { openProgressLine } from "../../local/command/progress-line.ts";
import { findFreePath, openReportTarget } from "../../local/command/report-target.ts";
import { makeTemporaryDirectory } from "../support/durable-runner.ts";
import { noProgress, type Progress } from "../../functions/core/basics/stored-values.ts";
import { OptionsInput } from "../../functions/core/options/export-options.ts";

const command = {
  call: "npm run export",
  about: "",
  flags: { out: { values: "file", help: "" }, ...exportFlags },
};

function readQuery(...args: string[]): string {
  const given = parseArguments(command, args);
  if (given === null) throw new Error("asks for help");
  return decodeURIComponent(readExportQuery(given, {}).toString());
}

describe("the flags of npm run export", () => {
  it("are all options of an export, each with its values in the help", () => {
    expect(Object.keys(exportFlags)).toEqual(Object.keys(OptionsInput.shape));
    const help = describeCommand(command);
    for (const name of Object.keys(exportFlags)) expect(help).toContain(`--${name} <`);
    expect(help.replaceAll(/\s+/g, " ")).toContain("It must be YYYY, YYYY-MM or one of last-month");
    expect(help).toContain("relative to --asOf");
    expect(help).not.toMatch(/\w=\w/);
  });

  it.each([
    [["--status", "open,accepted"], "status=open,accepted"],
    [["--issued-from=2026-01-01", "--issuedTo", "2026-01-31"], "issuedFrom=2026-01-01&issuedTo=2026-01-31"],
    [["--evidence", "--customers", "false"], "customers=false&evidence=true"],
    [["--out", "offers.csv"], "format=csv"],
    [["--out", "Offers.XLSX", "--format", "xlsx"], "format=xlsx"],
    [["--out", "offers"], ""],
  ])("%s are the query %s", (args, query) => {
    expect(readQuery(...args)).toBe(query);
  });

  it.each([
    [["--format"], "--format must be xlsx or csv"],
    [["--out", "offers.csv", "--format", "xlsx"], "--out names a csv file, but --format is xlsx"],
    [["--perod", "2026"], "is --period meant?"],
    [["--dialect", "machine"], "--dialect goes with --format csv only"],
    [["--out", "a.pdf"], "--out must end in .xlsx or .csv, not in .pdf"],
    [["--out", "offers.", "--format", "csv"], "--out must end in .xlsx or .csv, not in ."],
    [["--columns", "acceptedViaIp"], "--evidence true"],
    [["--issuedFrom", "2026-02-01", "--issuedTo", "2026-01-01"], "must not be after --issuedTo"],
    [["--maxAge", "soon"], "--maxAge must be a whole number of seconds"],
    [
      ["--period", "2026", "--issuedFrom", "2026-01-01"],
      "--period does not go together with --issuedFrom or --issuedTo",
    ],
  ])("%s are refused: %s", (args, message) => {
    expect(() => readQuery(...args)).toThrow(message);
  });
});

describe("the file of --out", () => {
  it("is refused when it is a folder, or in a folder that does not exist", async () => {
    const folder = await makeTemporaryDirectory();
    const open = (out: string | undefined, format = "xlsx") => openReportTarget({ out, format }, folder);
    const reject = (out: string, message: string) => expect(open(out)).rejects.toThrow(message);
    await reject(".", "--out names a folder, not a file: .");
    await reject("missing/offers.csv", "--out names a file in a folder that does not exist: ");
    await reject("", "--out takes the name of a file");
    expect(await open("offers.csv")).toEqual({
      folder,
      file: join(folder, "offers.csv"),
    });
    expect(await open(undefined)).toEqual({ folder, file: null });
    expect(await open("offers", "csv")).toEqual({ folder, file: join(folder, "offers.csv") });
    expect(await readdir(folder)).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "is refused in a folder that takes no file from anybody",
    async () => {
      const open = openReportTarget({ out: "/proc/offers.csv", format: "csv" }, "/");
      await expect(open).rejects.toThrow(
        /^\/proc cannot be written; let --out name a file in another folder$/,
      );
    },
  );
});

it("a report's own name gets a number rather than replace a file", async () => {
  const folder = await makeTemporaryDirectory();
  for (const name of ["offers.xlsx", "offers-2.xlsx", "offers-3.xlsx"]) {
    const path = await findFreePath(folder, "offers.xlsx");
    expect(path).toBe(join(folder, name));
    await writeFile(path, "");
  }
});

describe("the description of a progress", () => {
  const now = new Date("2026-11-22T20:00:00Z");
  const describeAt = (progress: Partial<Progress>, zone = "Europe/Amsterdam") =>
    describeProgress({ ...noProgress, ...progress }, zone, now);

  it("begins with the end, on the clocks of the report's zone, and fits a line of 80 characters", () => {
    const progress = {
      pages: 1200,
      offers: 18_000,
      waitingUntil: "2026-11-22T20:47:21.000Z",
      estimatedFinishAt: "2026-11-22T22:59:01.000Z",
    };
    const line = describeAt(progress);
    expect(line).toBe("done at about 23:59:01; 1200 pages, 18000 offers so far; waiting until 21:47:21");
    expect(line.length).toBeLessThan(80);
    expect(describeAt(progress, "Asia/Tokyo")).toMatch(/^done at about 07:59:01; /);
  });

  it("names the day of an end that is not today, and no cause of a wait", () => {
    expect(describeAt({ estimatedFinishAt: "2026-11-23T06:00:00Z", waitingUntil: now.toISOString() })).toBe(
      "done at about 2026-11-23 07:00:00; 0 pages, 0 offers so far; waiting until 21:00:00",
    );
  });
});

describe("a line of progress", () => {
  /** Shows three lines, two of them within a second, and returns what was written. */
  function show(output: { isTTY: boolean; columns?: number }, signal?: AbortSignal): string {
    let written = "";
    let nowMs = 0;
    const line = openProgressLine(
      { ...output, write: (text) => (written += text) },
      { now: () => nowMs, signal },
    );
    line.show("15 offers");
    nowMs += 1_000;
    line.show("30 offers");
    nowMs += 60_000;
    line.show("45 offers");
    line.end();
    return written;
  }

  it("is rewritten on a terminal, within its width, and removed at the end", () => {
    expect(show({ isTTY: true, columns: 6 })).toBe("\r\u001B[K15 of\r\u001B[K30 of\r\u001B[K45 of\r\u001B[K");
  });

  it("is shown to its last character on a terminal that does not know its width", () => {
    expect(show({ isTTY: true, columns: 0 })).toContain("15 offers");
  });

  it("stays as it is after Ctrl-C, because other lines follow it", () => {
    expect(show({ isTTY: true }, AbortSignal.abort())).toBe("");
  });

  it("is written now and then elsewhere", () => {
    expect(show({ isTTY: false })).toBe("15 offers\n45 offers\n");
  });
});
