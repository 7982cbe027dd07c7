import { randomBytes } from "node:crypto";
import type { AppContext } from "../../functions/app/context.ts";
import { exportKey, formatExportId } from "../../functions/core/basics/bucket-keys.ts";
import { createCalendar, parseDay } from "../../functions/core/basics/calendar.ts";
import { type ExportState, newExportState } from "../../functions/core/export/export-state.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { parseOffer } from "../../functions/core/offer/offer.ts";
import { parseQuery } from "../../functions/core/options/export-request.ts";
import { listColumns } from "../../functions/core/report/columns.ts";
import { makeRow, type Row } from "../../functions/core/report/report-row.ts";

const calendar = createCalendar("Europe/Amsterdam");

/** The layout of a Dutch report with all columns, including the evidence columns. */
export const layout = {
  columns: listColumns({ dialect: null, evidence: true, columns: null }),
  locale: locales.nl,
  calendar,
};

/** Makes `count` report rows of made-up offers. Each row has a customer's name, and every third row has evidence. */
export function makeRows(count: number): Row[] {
  const asOf = parseDay("2025-01-31") ?? 0;
  const rows: Row[] = [];
  for (const [index, offer] of [...makeOffers(count)].entries()) {
    const given: unknown = JSON.parse(JSON.stringify({ ...offer, ...makeEvidence(index) }));
    rows.push({ ...makeRow(parseOffer(given, calendar), { asOf, calendar }), customerName: makeName(index) });
  }
  return rows;
}

function makeName(index: number): string {
  return `Bakkerij Van Dijk & Zonen ${index % 997}`;
}

function makeEvidence(index: number) {
  if (index % 3 !== 0) return {};
  const acceptedViaUserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0";
  return { acceptedViaIp: `192.0.2.${index % 256}`, acceptedViaUserAgent };
}

/** Yields `count` made-up offers, all different. */
export function* makeOffers(count: number) {
  for (let index = 0; index < count; index += 1) yield makeOffer(index);
}

export function makeOffer(index: number) {
  const day = new Date(Date.UTC(2022, 0, 1 + (index % 1_600)));
  const issuedAt = day.toISOString().slice(0, 10);
  const expiresAt = new Date(day.getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
  const decidedAt = `${expiresAt}T1${index % 10}:0${index % 6}:00+01:00`;
  return {
    id: `off_${index.toString(36).padStart(15, "0")}`,
    customerId: `cst_${(index % 997).toString(36).padStart(15, "0")}`,
    offerNumber: `${issuedAt.slice(0, 4)}-${String(index).padStart(7, "0")}`,
    issuedAt,
    expiresAt,
    currency: "EUR",
    amount: `${(index * 7919) % 100_000}.${String(index % 100).padStart(2, "0")}`,
    acceptedAt: index % 3 === 0 ? decidedAt : null,
    acceptanceSignature: index % 3 === 0 ? "data:image/png;base64,AAAA" : null,
    rejectedAt: index % 3 === 1 ? decidedAt : null,
    createdAt: `${issuedAt}T09:30:00+01:00`,
    links: {
      customer: { href: "https://api.mijnklantportaal.nl/v1/customers/cst", type: "application/json" },
    },
  };
}

/** Stores a queued export in the bucket, so that a workflow can run it. */
export async function prepareExport(app: AppContext, format = "xlsx"): Promise<ExportState> {
  const now = new Date();
  const request = parseQuery(new URLSearchParams({ format }), app.calendar.dayOf(now.getTime()));
  const chance = randomBytes(6).toString("hex");
  const state = newExportState(
    formatExportId({ startedMs: now.getTime(), optionsKey: "0".repeat(12) }, chance),
    request,
    now,
  );
  await app.bucket.writeJson(exportKey(state.id), state);
  return state;
}
