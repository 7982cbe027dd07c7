import type { Calendar } from "../basics/calendar.ts";
import type { ExportState } from "../export/export-state.ts";
import { createLocaleFormat } from "../language/locales.ts";
import { writeMailHtml } from "./mail-html.ts";
import { locales } from "../language/locales--locales.ts";
import { writeMailText } from "./mail-message--plain.ts";
import { writeSubject } from "./mail-subject.ts";
import { composeMessage } from "./compose-mail.ts";

/** A mail without its sender and receivers. The subject is one line; `text` says all that `html` says. */
export type Mail = { subject: string; text: string; html: string };

type Report = {
  /** Of an export that has succeeded. */
  state: ExportState;
  /** Whoever has it has the file. */
  link: { url: string; expiresAt: string };
};

/** The mail that tells that a report is there, in the report's language. Throws a RangeError where there is none. */
export function composeMail({ state, link }: Report, calendar: Calendar): Mail {
  const { options, result, status, run } = state;
  if (status !== "succeeded" || result === null)
    throw new RangeError(`no report in an export that is ${status}`);
  const locale = locales[options.language];
  const speech = { locale, format: createLocaleFormat(locale, calendar) };
  const { schedule } = run;
  const message = composeMessage({ options, result, schedule, zone: calendar.zone, link }, speech);
  return {
    subject: writeSubject({ options, result }, speech),
    text: writeMailText(message),
    html: writeMailHtml(message, options.language),
  };
}
