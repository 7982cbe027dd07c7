import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeXlsx } from "../../functions/adapters/spreadsheet/xlsx-workbook.ts";
import { createCalendar } from "../../functions/core/basics/calendar.ts";
import { languages } from "../../functions/core/basics/languages.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { listColumns } from "../../functions/core/report/columns.ts";
import { fortyAsOf, fortyOffers } from "../../test/fixtures/forty.ts";
import { buildClosingSheets, makeRows, streamRows } from "../../test/support/report-fixtures.ts";
import { collectBytes } from "../../test/support/test-streams.ts";
import { makeDemo } from "../portal/demo-data.ts";

const calendar = createCalendar("Europe/Amsterdam");
const today = "2025-11-21";

/** The samples: without rows, with odd values, and with more rows than fit on a sheet of `maxRows`. */
const samples = [
  { name: "empty", rows: [], asOf: today, maxRows: 10 },
  { name: "forty", rows: makeRows(fortyOffers, fortyAsOf), asOf: fortyAsOf, maxRows: 1000 },
  { name: "demo", rows: makeRows(makeDemo({ today }).offers, today), asOf: today, maxRows: 1000 },
  { name: "sheets", rows: makeRows(makeDemo({ today }).offers, today), asOf: today, maxRows: 200 },
];

/** Writes each sample in each language into the folder, and returns the paths of the files. */
export async function writeSampleWorkbooks(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const language of languages) {
    const layout = {
      columns: listColumns({ dialect: null, evidence: true, columns: null }),
      calendar,
      locale: locales[language],
    };
    for (const { name, rows, asOf, maxRows } of samples) {
      const closing = () => buildClosingSheets({ language, rows, asOf });
      const bytes = await collectBytes((sink) =>
        writeXlsx(streamRows(rows), sink, { ...layout, closing, maxRows }),
      );
      const path = join(folder, `${name}-${language}.xlsx`);
      await writeFile(path, bytes);
      paths.push(path);
    }
  }
  return paths;
}
