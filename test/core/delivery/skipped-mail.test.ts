import { describe, expect, it } from "vitest";
import { mapChangeKinds, type Changes } from "../../../functions/core/changes/change-kinds.ts";
import { findSkipReason, listRecipients } from "../../../functions/core/delivery/skipped-mail.ts";
import {
  addRecipients,
  type ExportResult,
  ExportState,
  type MailWhen,
  markDeleted,
  newExportState,
  succeedExport,
} from "../../../functions/core/export/export-state.ts";
import { parseOptions } from "../../../functions/core/options/export-request.ts";
import { makeExportResult, makeFigures, makeRows } from "../../support/report-fixtures.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

const boss = "boss@example.com";
const now = new Date("2026-03-02T06:00:00Z");

function schedule(mailWhen: MailWhen): ExportState {
  const request = parseOptions({}, 20_000);
  return newExportState("id", { ...request, schedule: "weekly", recipients: [boss], mailWhen }, now);
}

function skip(mailWhen: MailWhen, result: Partial<ExportResult>, to = boss): string | null {
  return findSkipReason(succeedExport(schedule(mailWhen), makeExportResult(result), now), to);
}

function changesOf(kinds: Partial<Changes["kinds"]>): Changes {
  const none = { offers: 0, value: "0", rows: [] };
  return {
    since: {
      id: "before",
      asOf: "2026-02-22",
      snapshotAt: now.toISOString(),
      completeness: "complete",
    },
    currency: "EUR",
    kinds: { ...mapChangeKinds(() => none), ...kinds },
    otherCurrencies: [],
  };
}

/** Figures as of March 1st with one open offer, valid through the given day. */
const figuresOf = (expiresAt: string) =>
  makeFigures(makeRows([rawOffer({ issuedAt: "2026-02-20", expiresAt })], "2026-03-01"), "2026-03-01");

const unchanged = { changes: changesOf({}), figures: figuresOf("2026-03-09"), notCompared: null };

describe("the mail of a schedule", () => {
  it("is never skipped with mailWhen always", () => {
    expect(skip("always", unchanged)).toBeNull();
  });

  it.each(["new", "accepted", "rejected", "expired", "reopened", "gone", "amount", "dates"] as const)(
    "with mailWhen changed is skipped unless an offer has changed: %s",
    (kind) => {
      expect(skip("changed", unchanged)).toContain("nothing has changed");
      const changes = changesOf({ [kind]: { offers: 1, value: "0", rows: [] } });
      expect(skip("changed", { ...unchanged, changes })).toBeNull();
    },
  );

  it("with mailWhen expiring is skipped unless an open offer expires within 7 days", () => {
    expect(skip("expiring", unchanged)).toContain("no open offer expires within 7 days");
    expect(skip("expiring", { ...unchanged, figures: figuresOf("2026-03-08") })).toBeNull();
    const changes = changesOf({ new: { offers: 1, value: "0", rows: [] } });
    expect(skip("expiring", { ...unchanged, changes })).not.toBeNull();
  });

  it.each(["changed", "expiring"] as const)(
    "is sent about the first report and about an uncertain one: %s",
    (mailWhen) => {
      expect(skip(mailWhen, unchanged)).not.toBeNull();
      expect(skip(mailWhen, { ...unchanged, changes: null, notCompared: "first" })).toBeNull();
      expect(skip(mailWhen, { ...unchanged, completeness: "uncertain" })).toBeNull();
    },
  );

  it("is sent when the data of the earlier report are gone, unless it depends on the offers that expire", () => {
    const gone = { ...unchanged, changes: null, notCompared: "gone" as const };
    expect(skip("changed", gone)).toBeNull();
    expect(skip("expiring", gone)).not.toBeNull();
  });

  it("is sent about a report of an earlier version, which lacks the facts", () => {
    const { figures } = unchanged;
    const { followUp } = figures;
    const old = makeExportResult({ figures: { ...figures, followUp: { ...followUp, expiringSoon: null } } });
    expect(skip("changed", old)).toBeNull();
    expect(skip("expiring", old)).toBeNull();
    expect(skip("expiring", makeExportResult())).toBeNull();
  });

  it("is sent to whom a request names, and skipped for the others", () => {
    const asked = addRecipients(schedule("changed"), ["BOSS@example.com", "anna@example.com"]);
    const state = succeedExport(asked ?? schedule("changed"), makeExportResult(unchanged), now);
    expect(listRecipients(state)).toEqual(["BOSS@example.com", "anna@example.com"]);
    for (const to of [boss, "BOSS@example.com", "anna@example.com"])
      expect(findSkipReason(state, to)).toBeNull();
    expect(findSkipReason(state, "cees@example.com")).not.toBeNull();
  });

  it("is not skipped while the export runs", () => {
    expect(findSkipReason(schedule("changed"), boss)).toBeNull();
  });

  it("has no recipients once the report is deleted", () => {
    expect(listRecipients(schedule("changed"))).toEqual([boss]);
    expect(JSON.stringify(markDeleted(schedule("changed")))).not.toContain(boss);
  });
});

describe("a stored export", () => {
  it("keeps the condition of its mails, and has none when an earlier version stored it", () => {
    const state = schedule("expiring");
    expect(ExportState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    const { conditionalMail: _, ...run } = schedule("always").run;
    expect(ExportState.parse({ ...state, run }).run.conditionalMail).toBeNull();
  });
});
