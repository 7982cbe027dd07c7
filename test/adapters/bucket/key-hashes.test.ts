import * as z from "zod";
import { describe, expect, it } from "vitest";
import { parseDay } from "../../../functions/core/basics/calendar.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import {
  formatExportId,
  idempotencyClaimKey,
  optionsClaimKey,
  registryKey,
  seriesKey,
} from "../../../functions/core/basics/bucket-keys.ts";
import { listHashed, Options } from "../../../functions/core/options/export-options.ts";
import type { Config } from "../../../functions/adapters/settings/settings.ts";
import {
  hashAddress,
  hashAttempt,
  hashOptions,
  hashPortal,
  hashRecipients,
  hashReport,
  hashReportSeries,
  hashTarget,
  hashShort,
} from "../../../functions/adapters/bucket/key-hashes.ts";

const config: Config = {
  portal: {
    url: "https://api.mijnklantportaal.nl/v1",
    key: "key-of-a-test",
    rateWindowMs: 60_000,
    rateReserve: 0,
  },
  zone: "Europe/Amsterdam",
  lateDays: 60,
  linkSeconds: 900,
  bucket: { name: "reports", region: "eu-central-1", endpoint: null, credentials: null },
  post: null,
};

function optionsOf(given: Record<string, unknown>): Options {
  return parseOptions(given, parseDay("2026-11-22") ?? Number.NaN).options;
}

/** Returns the options that the first release had. */
function firstOf({ columns: _later, ...first }: Options): Omit<Options, "columns"> {
  return first;
}

/**
 * Hashes in the names of objects in deployed buckets. If a hash changed, these objects would not be found any more.
 */
const pinned: [given: Record<string, unknown>, claim: string, series: string, report: string][] = [
  [{}, "7966146c00c0", "341a56cdbd5d", "4f0fa931baa8"],
  [{ format: "csv" }, "a3becb183b91", "9e1e80e6324a", "222d5c773160"],
  [{ format: "csv", dialect: "machine", language: "en" }, "9c822dee407b", "988f961c96a8", "9ca8a14b70c5"],
  [{ status: ["accepted", "open"], period: "2026-01" }, "52fdd57f964d", "6ae0812531f5", "928c6c63b465"],
  [
    { issuedFrom: "2026-01-01", issuedTo: "2026-03-31", asOf: "2026-04-01" },
    "fab93e53b4b3",
    "b6c1ec34d485",
    "170bbd20b10d",
  ],
  [
    { customers: false, evidence: true, freshness: "full", period: "last-month" },
    "e53842a2dd2f",
    "56a06c66fb78",
    "27d9e9ff68f2",
  ],
];

describe("a name that is derived from a hash", () => {
  it.each(pinned)("has not changed for options %j", (given, claim, series, report) => {
    const options = optionsOf(given);
    expect(optionsClaimKey(hashOptions(config, options))).toBe(`claims/options/${claim}.json`);
    expect(seriesKey(hashReportSeries(config, options))).toBe(`claims/reports/${series}.json`);
    expect(hashReport(config, options)).toBe(report);
  });

  it.each(pinned)("is the same for requested and for stored options: %j", (given, claim) => {
    const stored = Options.parse(JSON.parse(JSON.stringify(optionsOf(given))));
    const { format, status, ...rest } = stored;
    expect(hashOptions(config, stored)).toBe(claim);
    expect(hashOptions(config, { ...rest, status, format })).toBe(claim);
  });

  it("differs with the columns and their order, which is another file", () => {
    const choices = [{}, { columns: ["amount", "status"] }, { columns: ["status", "amount"] }];
    const options = choices.map(optionsOf);
    for (const hash of [hashOptions, hashReport, hashReportSeries])
      expect(new Set(options.map((one) => hash(config, one))).size).toBe(choices.length);
    const pinnedClaims = ["7966146c00c0", "16e0b0f1e75d"];
    expect(options.slice(0, 2).map((one) => hashOptions(config, one))).toEqual(pinnedClaims);
  });

  it("has not changed for the id of a tick's export", () => {
    const place = { startedMs: Date.UTC(2026, 10, 22, 6), optionsKey: hashReport(config, optionsOf({})) };
    expect(formatExportId(place, hashAttempt("monthly", 1))).toBe("zd38kjenz-4f0fa931baa8-cd4c7d4ab125");
    expect(hashAttempt("monthly", 2)).toBe("5a1a9770d870");
  });

  it("has not changed for portals, idempotency keys and receivers", () => {
    expect(registryKey(hashPortal(config))).toBe("claims/crawl/ef70526a06d8af7c92d75ef8.json");
    expect(idempotencyClaimKey(hashShort("my-key-1"))).toBe(
      "claims/idempotency/fa187961dfa3e18ec159c09dd28f525c.json",
    );
    expect(hashShort(JSON.stringify({ format: "csv" }))).toBe("da1160fa5047490dfaf4655a22098bb3");
    expect(hashRecipients(["b@example.com", "A@example.com"])).toBe("5f93fe6e1d79");
    expect(hashTarget("mail", "Ann@Example.com")).toBe("bd2d10da743e");
    expect(hashAddress("https://example.com/hook")).toBe("80be242bf209");
  });
});

describe("an option that is added later", () => {
  const later = Options.extend({
    labels: z.array(z.string()).nullable().default(null),
    highlight: z.boolean().default(true),
  });

  it.each(pinned)(
    "changes no name while it has its default, with options %j",
    (given, claim, series, report) => {
      const options = { ...optionsOf(given), labels: null };
      expect(hashOptions(config, options)).toBe(claim);
      expect(hashReportSeries(config, options)).toBe(series);
      expect(hashReport(config, options)).toBe(report);
      expect(
        JSON.stringify(
          listHashed(
            { ...optionsOf(given), ...later.pick({ labels: true, highlight: true }).parse({}) },
            later,
          ),
        ),
      ).toBe(JSON.stringify(firstOf(optionsOf(given))));
    },
  );

  it("changes the names when it has another value, in any order of the options", () => {
    const options = optionsOf({});
    const changed = { ...options, highlight: false, labels: ["amount"] };
    const listed = JSON.stringify(listHashed(changed, later));
    expect(listed).not.toBe(JSON.stringify(options));
    expect(JSON.stringify(listHashed({ labels: ["amount"], highlight: false, ...options }, later))).toBe(
      listed,
    );
    expect(hashOptions(config, changed)).not.toBe(hashOptions(config, options));
  });
});
