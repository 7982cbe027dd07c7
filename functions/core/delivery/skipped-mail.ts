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
  if (isRequested || isAlwaysMailed(result)) return null;
  const { isMet, skipReason } = conditions[conditionalMail.mailWhen];
  return isMet(result) ? null : skipReason;
}

/**
 * True when the schedule's recipients should know about the report, whatever its figures are. They always get the first
 * report, because it shows that the schedule works, and an uncertain report, because something may be wrong.
 */
function isAlwaysMailed({ completeness, notCompared }: ExportResult): boolean {
  return completeness === "uncertain" || notCompared === "first";
}

type Condition = { isMet: (result: ExportResult) => boolean; skipReason: string };

/** The conditions of `mailWhen`. Reports of earlier versions lack some of the facts, and are mailed. */
const conditions: Record<NonNullable<ExportState["run"]["conditionalMail"]>["mailWhen"], Condition> = {
  changed: {
    isMet: ({ changes }) => changes === null || changeKinds.some((kind) => changes.kinds[kind].offers > 0),
    skipReason:
      "Not mailed: the schedule's mailWhen is changed, and nothing has changed since the report before.",
  },
  expiring: {
    isMet: ({ figures }) => figures?.followUp.expiringSoon?.offers !== 0,
    skipReason:
      "Not mailed: the schedule's mailWhen is expiring, and no open offer expires within " +
      `${expiringSoonDays} days.`,
  },
};
