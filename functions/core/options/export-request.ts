import type * as z from "zod";
import { type Day, formatDay, parseDay } from "../basics/calendar.ts";
import type { ParameterError } from "../basics/errors.ts";
import { booleanOption, type Options, OptionsInput } from "./options.ts";
import { requireValid, sanitizeName } from "./export-request--parameter.ts";
import { Recipients } from "./export-request--recipient.ts";
import { statuses } from "../offer/offer-status.ts";

export type ExportRequest = {
  options: Options;
  maxAgeSeconds: number;
  /** For so long an export that failed is the answer too; without it, it is tried again at once. */
  restSeconds?: number;
};

/** What may be asked for in a body: an address in a query would stand in logs and histories. */
export const BodyInput = OptionsInput.extend({
  mailTo: Recipients.optional().describe(
    "Whom the report is mailed to once it is finished, with a permanent link to it: one mail each. No option of the " +
      "report: an export that serves several requests is mailed to all that they name, once.",
  ),
});

export type BodyRequest = ExportRequest & { mailTo: string[] };

/** The options in a query, after `status` has been split at its commas. */
export const QueryInput = OptionsInput.extend({
  redirect: booleanOption.default(false).describe("Whether a finished export answers 302 to its file."),
});

/** Throws an ExportError that names every bad parameter. `today` is the last day that `asOf` may be. */
export function parseOptions(given: unknown, today: Day): ExportRequest {
  const errors = findConflicts(given, today);
  return finishRequest(OptionsInput.safeParse(given), errors, today);
}

/** The same for a body, where `mailTo` may stand as well, if there is somebody to send mails as. */
export function parseBody(
  given: unknown,
  { today, hasSender }: { today: Day; hasSender: boolean },
): BodyRequest {
  const parsed = BodyInput.safeParse(given);
  const isRefused = !hasSender && isRecord(given) && given["mailTo"] !== undefined;
  const errors = isRefused ? [{ parameter: "mailTo", detail: noSender }] : [];
  const request = finishRequest(parsed, [...errors, ...findConflicts(given, today)], today);
  return { ...request, mailTo: parsed.data?.mailTo ?? [] };
}

const noSender = "needs a sender: whoever runs this has to set MAIL_SENDER";

/** The same for a query, where `redirect` may stand as well and no name may stand twice. */
export function parseQuery(query: URLSearchParams, today: Day): ExportRequest & { redirect: boolean } {
  const given = Object.fromEntries([...query].map(([name, text]) => [name, readValue(name, text)]));
  const errors = listRepeated(query).map((parameter) => ({ parameter, detail: "is given more than once" }));
  const parsed = QueryInput.safeParse(given);
  const request = finishRequest(parsed, [...errors, ...findConflicts(given, today)], today);
  return { ...request, redirect: parsed.data?.redirect ?? false };
}

function listRepeated(query: URLSearchParams): string[] {
  const counts = new Map<string, number>();
  for (const name of query.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, times]) => times > 1).map(([name]) => sanitizeName(name));
}

/** Only what is written as the type's own text becomes of that type; the schema refuses the rest. */
function readValue(name: string, text: string): unknown {
  if (name === "status") return text.split(",");
  if (name === "maxAge" && /^\d{1,15}$/.test(text)) return Number(text);
  if (["customers", "evidence", "redirect"].includes(name) && /^(true|false)$/.test(text))
    return text === "true";
  return text;
}

function finishRequest(
  parsed: z.ZodSafeParseResult<z.output<typeof OptionsInput>>,
  conflicts: ParameterError[],
  today: Day,
): ExportRequest {
  const given = requireValid(parsed, conflicts);
  const options: Options = {
    format: given.format,
    language: given.language,
    dialect: given.format === "csv" ? (given.dialect ?? "excel") : null,
    status: statuses.filter((status) => given.status.includes(status)),
    period: given.period ?? null,
    issuedFrom: given.issuedFrom ?? null,
    issuedTo: given.issuedTo ?? null,
    asOf: given.asOf ?? formatDay(today),
    customers: given.customers,
    evidence: given.evidence,
    freshness: given.freshness,
  };
  return { options, maxAgeSeconds: given.maxAge };
}

/** What is wrong between options that are each well formed. */
export function findConflicts(given: unknown, today: Day): ParameterError[] {
  if (!isRecord(given)) return [];
  const errors: ParameterError[] = [];
  const from = readDay(given["issuedFrom"]);
  const to = readDay(given["issuedTo"]);
  const asOf = readDay(given["asOf"]);
  if (given["dialect"] !== undefined && given["format"] !== "csv") {
    errors.push({ parameter: "dialect", detail: "goes with format=csv only" });
  }
  if (
    given["period"] !== undefined &&
    (given["issuedFrom"] !== undefined || given["issuedTo"] !== undefined)
  ) {
    errors.push({ parameter: "period", detail: "does not go together with issuedFrom or issuedTo" });
  }
  if (from !== null && to !== null && from > to) {
    errors.push({ parameter: "issuedFrom", detail: "must not be after issuedTo" });
  }
  if (asOf !== null && asOf > today) {
    errors.push({ parameter: "asOf", detail: `must not be after today, ${formatDay(today)}` });
  }
  return errors;
}

function readDay(given: unknown): Day | null {
  return typeof given === "string" ? parseDay(given) : null;
}

function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}
