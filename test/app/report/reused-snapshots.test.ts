import { describe, expect, it } from "vitest";
import type { Language } from "../../../functions/core/basics/languages.ts";
import { locales } from "../../../functions/core/language/locales.ts";
import { finishExport, startExport } from "../../support/export-requests.ts";
import { rawCustomers, rawOffers, rawOffersTo } from "../../support/offer-fixtures.ts";
import { openRefreshStack } from "../../support/refresh-stack.ts";
import { openVirtualPortal, openVirtualStack, type VirtualStack } from "../../support/virtual-stack.ts";
import { readWorkbook } from "../../support/workbook-reader.ts";

/** Makes a report. Returns the result, and what its workbook says about reading the portal. */
async function report(stack: VirtualStack, options: Record<string, unknown>, language: Language = "nl") {
  const { result } = await finishExport(stack, await startExport(stack, { language, ...options }));
  const bytes = Buffer.from(await (await fetch(result?.file.url ?? "")).arrayBuffer());
  const sheet = (await readWorkbook(bytes)).getWorksheet(locales[language].about.sheetName);
  const lines = new Map<unknown, unknown>();
  sheet?.eachRow((row) => lines.set(row.getCell(1).value, row.getCell(2).value));
  const { labels } = locales[language].about;
  return {
    total: result?.requests,
    moments: [lines.get(labels.startedAt), lines.get(labels.finishedAt)],
    method: lines.get(labels.method),
    requests: lines.get(labels.requests),
    nameRequests: lines.get(labels.nameRequests),
  };
}

const full = {
  nl: "Alles opgehaald: elke offerte is tussen de momenten hierboven opgehaald.",
  en: "In full: every offer was read between the moments above.",
};
const reused = {
  nl: "Deze gegevens waren er al toen dit bestand werd aangevraagd. Daarom zijn er voor dit bestand geen offertes opgehaald: de verzoeken voor offertes zijn eerder gedaan.",
  en: "These data had already been read when this file was requested. So no offers were read for this file: the requests for offers were made earlier.",
};

describe("the about sheet", () => {
  it.each(["nl", "en"] as const)(
    "says in %s whether the offers were read for the file, and which requests were made for it",
    async (language) => {
      const customers = rawCustomers(3);
      const portal = await openVirtualPortal({ offers: rawOffersTo(customers), customers });
      const stack = await openVirtualStack(portal);
      const own = await report(stack, { customers: false }, language);
      expect(own).toMatchObject({ method: full[language], requests: own.total, nameRequests: undefined });

      const asked = portal.requests.length;
      const named = await report(stack, { customers: true }, language);
      const { method, moments, requests, nameRequests } = named;
      expect({ method, moments }).toEqual({
        method: `${full[language]} ${reused[language]}`,
        moments: own.moments,
      });
      expect({ requests, nameRequests }).toEqual({
        requests: own.total,
        nameRequests: portal.requests.length - asked,
      });
      expect(nameRequests).toBeGreaterThan(0);
    },
  );

  it("says so of a refresh, too", async () => {
    const stack = await openRefreshStack();
    await report(stack, { customers: false });
    const own = await report(stack, { customers: false, maxAge: 0 });
    const later = await report(stack, { customers: false, status: ["open"] });
    const { refresh } = locales.nl.about.methods;
    expect(refresh).toContain("tussen de momenten hierboven");
    expect([own.method, later.method]).toEqual([refresh, `${refresh} ${reused.nl}`]);
    expect(later).toMatchObject({ moments: own.moments, requests: own.requests });
  });

  it("does not say so to a file that waited for the crawl of another one", async () => {
    const stack = await openVirtualStack(await openVirtualPortal({ offers: rawOffers(100), limit: 3 }));
    const first = await startExport(stack, { customers: false });
    const joined = await report(stack, { customers: false, status: ["open"] });
    const own = await report(stack, { customers: false });
    expect(await finishExport(stack, first)).toMatchObject({ status: "succeeded" });
    expect([own.method, joined.method]).toEqual([full.nl, full.nl]);
  });
});
