import { changeKinds } from "../changes/change-kinds.ts";
import type { ExportResult, ExportState } from "../export/export-state.ts";
import { expiringSoonDays } from "../offer/offer-status.ts";
import { mergeRecipients } from "../options/export-request.ts";

/** Returns the address of everybody who may get the mail about the report. Each address occurs once. */
export function listRecipients({ run }: Pick<ExportState, "run">): string[] {
  return mergeRecipients(run.recipients, run.conditionalMail?.recipients ?? []);
}

/**
 * Returns why the recipient gets no mail about the finished report; null when the recipient gets one, or when the
 * report is not finished. Only mails of a schedule with `mailWhen` are skipped. A request that names the same address
 * wants the mail in any case.
 */
export function findSkipReason({ run, result }: ExportState, to: string): string | null {
  const { recipients, conditionalMail } = run;
  if (result === null || conditionalMail === null) return null;
  const isRequested = mergeRecipients(recipients, [to]).length === recipients.length;
  return isRequested || hasMailReason(result, conditionalMail.mailWhen)
    ? null
    : skipReasons[conditionalMail.mailWhen];
}

const skipReasons = {
  changed: "Not mailed: the schedule's mailWhen is changed, and nothing has changed since the report before.",
  expiring:
    "Not mailed: the schedule's mailWhen is expiring, and no open offer expires within " +
    `${expiringSoonDays} days.`,
};

/**
 * True when the schedule's recipients should know about the report. They always get the first report, because it shows
 * that the schedule works, and an uncertain report, because something may be wrong. Reports of earlier versions lack
 * some of these facts, and are mailed.
 */
function hasMailReason(
  { completeness, notCompared, changes, figures }: ExportResult,
  mailWhen: keyof typeof skipReasons,
): boolean {
  if (completeness === "uncertain" || notCompared === "first") return true;
  if (mailWhen === "changed")
    return changes === null || changeKinds.some((kind) => changes.kinds[kind].offers > 0);
  return figures?.followUp.expiringSoon?.offers !== 0;
}
