import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeCommand, parseArguments } from "../../local/command/command-line.ts";
import { exportFlags, readExportQuery } from "../../local/command/export-flags.ts";
import { openProgressLine } from "../../local/command/progress-line.ts";
import { findFreePath, openReportTarget } from "../../local/command/report-target.ts";
import { makeTemporaryDirectory } from "../support/durable-runner.ts";
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
    [["--dialect", "machine"], "--dialect goes with format=csv only"],
    [["--maxAge", "soon"], "--maxAge must be a whole number of seconds"],
    [["--period", "2026", "--issuedFrom", "2026-01-01"], "--period does not go together with issuedFrom"],
  ])("%s are refused: %s", (args, message) => {
    expect(() => readQuery(...args)).toThrow(message);
  });
});

describe("the file of --out", () => {
  it("is refused when it is a folder, or in a folder that does not exist", async () => {
    const folder = await makeTemporaryDirectory();
    const reject = (given: string, message: string) =>
      expect(openReportTarget(given, folder)).rejects.toThrow(message);
    await reject(".", "--out names a folder, not a file: .");
    await reject("missing/offers.csv", "--out names a file in a folder that does not exist: ");
    await reject("", "--out takes the name of a file");
    expect(await openReportTarget("offers.csv", folder)).toEqual({
      folder,
      file: join(folder, "offers.csv"),
    });
    expect(await openReportTarget(undefined, folder)).toEqual({ folder, file: null });
  });
});

it("a report's own name gets a number rather than replace a file", async () => {
  const folder = await makeTemporaryDirectory();
  for (const name of ["offers.xlsx", "offers-2.xlsx", "offers-3.xlsx"]) {
    const path = await findFreePath(folder, "offers.xlsx");
    expect(path).toBe(join(folder, name));
    await writeFile(path, "");
  }
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
