import type * as z from "zod";
import type { CheckAnswer } from "../check/setup-check.ts";
import type { OptionsInput } from "../options/export-options.ts";
import type { ShareInput } from "../share/share.ts";
import type { PresentedExport } from "./response-bodies.ts";

export const exampleOptions: z.input<typeof OptionsInput> = {
  format: "csv",
  language: "en",
  status: ["open", "expired"],
  period: "last-month",
};

export const exampleShare: z.input<typeof ShareInput> = {
  name: "This month, for the bookkeeper",
  options: { period: "this-month" },
};

export const exampleRunningExport: PresentedExport = {
  id: "zd37ovrvu-cbeb91a97cff-8a6fe4372267",
  status: "running",
  createdAt: "2026-11-22T20:46:19.985Z",
  finishedAt: null,
  options: {
    format: "xlsx",
    language: "nl",
    dialect: null,
    status: ["open", "accepted", "rejected", "expired"],
    period: null,
    issuedFrom: null,
    issuedTo: null,
    asOf: "2026-11-22",
    customers: true,
    evidence: false,
    freshness: "refresh",
    columns: null,
  },
  progress: {
    pages: 58,
    offers: 870,
    waitingUntil: "2026-11-22T20:47:21.000Z",
    estimatedFinishAt: "2026-11-22T21:08:21.000Z",
  },
  result: null,
  problem: null,
};

const unchanged = { offers: 0, value: "0.00", rows: [] };
const dueOffer = {
  offerNumber: "2026-0338",
  offerId: "off_abc12345def678x",
  customerId: "cst_abc12345def678x",
  customerName: "Jansen Bouw",
  currency: "EUR",
  amount: "1000.00",
  expiresAt: "2026-11-25",
  days: 3,
};
const none = { offers: 0, value: "0", share: 0, valueShare: 0 };

export const exampleFinishedExport: PresentedExport = {
  ...exampleRunningExport,
  status: "succeeded",
  finishedAt: "2026-11-22T20:46:20.165Z",
  progress: { pages: 1, offers: 2, waitingUntil: null, estimatedFinishAt: null },
  result: {
    offers: 2,
    rows: 2,
    pages: 1,
    requests: 1,
    method: "full",
    requestsSaved: 0,
    read: [{ from: "2026-11-22", to: "2026-11-22", offers: 2 }],
    snapshotAt: "2026-11-22T20:46:20.069Z",
    completeness: "complete",
    remarks: [],
    totals: { EUR: "1500.50" },
    statuses: { open: 1, accepted: 1, rejected: 0, expired: 0 },
    figures: {
      currency: "EUR",
      statuses: {
        open: { offers: 1, value: "1000.00", share: 0.5, valueShare: 0.6664 },
        accepted: { offers: 1, value: "500.50", share: 0.5, valueShare: 0.3336 },
        rejected: none,
        expired: none,
      },
      conversion: { byCount: 1, byValue: 1 },
      daysToDecision: { offers: 1, median: 7, mean: 7 },
      ageing: [{ days: "0-7", offers: 1, value: "1000.00", share: 1, valueShare: 1 }],
      months: [
        {
          month: "2026-11",
          statuses: {
            open: { offers: 1, value: "1000.00" },
            accepted: { offers: 1, value: "500.50" },
            rejected: { offers: 0, value: "0" },
            expired: { offers: 0, value: "0" },
          },
        },
      ],
      customers: [
        {
          customerId: "cst_abc12345def678x",
          customerName: "Jansen Bouw",
          offers: 1,
          value: "1000.00",
          share: 1,
        },
      ],
      followUp: {
        expiring: {
          offers: 1,
          value: "1000.00",
          rows: [dueOffer],
        },
        expiringSoon: { offers: 1, value: "1000.00", rows: [dueOffer], otherCurrencies: [] },
        expired: { offers: 0, value: "0", rows: [] },
      },
      otherCurrencies: [],
      withoutAmount: 0,
    },
    changes: {
      since: {
        id: "zd3n4s0q2-cbeb91a97cff-1f0d9a6c2b7e",
        asOf: "2026-10-31",
        snapshotAt: "2026-11-01T05:00:41.310Z",
        completeness: "complete",
      },
      currency: "EUR",
      kinds: {
        new: unchanged,
        accepted: {
          offers: 1,
          value: "500.50",
          rows: [
            {
              offerNumber: "2026-0312",
              offerId: "off_def12345abc678x",
              customerId: "cst_abc12345def678x",
              customerName: "Jansen Bouw",
              before: {
                status: "open",
                currency: "EUR",
                amount: "500.50",
                issuedAt: "2026-10-29",
                expiresAt: "2026-11-28",
              },
              after: {
                status: "accepted",
                currency: "EUR",
                amount: "500.50",
                issuedAt: "2026-10-29",
                expiresAt: "2026-11-28",
              },
            },
          ],
        },
        rejected: unchanged,
        expired: unchanged,
        reopened: unchanged,
        gone: unchanged,
        amount: unchanged,
        dates: unchanged,
      },
      otherCurrencies: [],
    },
    notCompared: null,
    rowsSha256: "5b2ff0ab3a1a1f2cb8cd5e5a1b4e0c8d4c1b2c1e8f9d7c6b5a4938271605f4e3",
    file: {
      name: "offertes-2026-11-22.xlsx",
      bytes: 44_138,
      sha256: "0c5f9d3e7a1b2c4d6e8f00112233445566778899aabbccddeeff001122334455",
      url: "https://reports.example/files/zd37ovrvu-cbeb91a97cff-8a6fe4372267/offertes-2026-11-22.xlsx?X-Amz-Signature=0c5f",
      urlExpiresAt: "2026-11-22T21:01:20.165Z",
    },
  },
};

export const exampleCheck: CheckAnswer = {
  ok: true,
  checkedAt: "2026-11-22T20:46:19.985Z",
  checks: [
    {
      name: "key",
      status: "ok",
      code: "key_accepted",
      detail: "The portal accepts the API key.",
      remedy: null,
    },
    {
      name: "offers",
      status: "ok",
      code: "offers_readable",
      detail: "The key may read offers.",
      remedy: null,
    },
    {
      name: "customers",
      status: "warning",
      code: "portal_scope_missing",
      detail: "The key lacks the scope customers.read (403).",
      remedy: "Give it that scope in the portal under Settings → API keys, or make a new key that has it.",
    },
    {
      name: "rateLimit",
      status: "ok",
      code: "rate_known",
      detail: "The portal takes 60 requests in 60 seconds, of which 58 are left.",
      remedy: null,
    },
    {
      name: "bucket",
      status: "ok",
      code: "bucket_writable",
      detail: "The bucket can be read and written, also under conditions.",
      remedy: null,
    },
    {
      name: "timeZone",
      status: "ok",
      code: "time_zone_known",
      detail: "In Europe/Amsterdam it is 2026-11-22.",
      remedy: null,
    },
  ],
  rate: {
    perWindow: 60,
    windowSeconds: 60,
    reserve: 0,
    remaining: 58,
    waitingUntil: null,
    pages: null,
    crawlSeconds: null,
  },
  calendar: { timeZone: "Europe/Amsterdam", today: "2026-11-22", portalAheadSeconds: 0 },
};
