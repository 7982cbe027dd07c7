import type { AboutFacts } from "../../functions/core/sheets/about-sheet.ts";

const ordinary: AboutFacts = {
  asOf: 20_000,
  zone: "Europe/Amsterdam",
  selection: "Alle offertes",
  startedAt: Date.UTC(2026, 2, 29, 0, 59, 59, 900),
  finishedAt: Date.UTC(2026, 2, 29, 1, 0, 7),
  offers: 347,
  rows: 200,
  pages: 24,
  requests: 33,
  method: "full",
  requestsSaved: 0,
  read: [{ from: "2026-03-29", to: "2026-03-29", offers: 347 }],
  completeness: "complete",
  remarks: [],
  compared: "first",
  rowsSha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  columns: ["offerNumber", "status"],
};

/** A complete report about itself, read while summer time began, but for what is given. */
export function buildAbout(given: Partial<AboutFacts> = {}): AboutFacts {
  return { ...ordinary, ...given };
}
