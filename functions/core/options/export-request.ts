import * as z from "zod";
import { type Day, formatDay, parseDay } from "../basics/calendar.ts";
import { ExportError, type ParameterError } from "../basics/errors.ts";
import { sanitizeName } from "../basics/safe-text.ts";
import { statuses } from "../offer/offer-status.ts";
import { isMailAddress, normalizeMailAddress } from "../settings/setting-rules.ts";
import { findEvidenceConflict } from "./column-order.ts";
import { booleanOption, type Options, OptionsInput } from "./export-options.ts";

const addressHint = "must be a mail address, such as sales@example.com";
const maxRecipients = 10;
const listHint = `must be a list of 1 to ${maxRecipients} mail addresses`;

/** The mail addresses that receive the report. Each address gets a separate mail. */
export const Recipients = z
  .array(z.string(addressHint).refine(isMailAddress, addressHint).meta({ format: "email" }), listHint)
  .refine((all) => all.length >= 1 && all.length <= maxRecipients, listHint)
  .refine((all) => mergeRecipients([], all).length === all.length, "must name each address once")
  .meta({ minItems: 1, maxItems: maxRecipients, uniqueItems: true });

/**
 * Returns the known addresses, followed by the addresses in `others` that are not known yet. Compares addresses in
 * normalized form.
 */
export function mergeRecipients(known: string[], others: string[]): string[] {
  const all = new Map(known.map((address) => [normalizeMailAddress(address), address]));
  for (const address of others) {
    const normalized = normalizeMailAddress(address);
    if (!all.has(normalized)) all.set(normalized, address);
  }
  return [...all.values()];
}

export type ExportRequest = {
  options: Options;
  maxAgeSeconds: number;
  /**
   * For this many seconds after a failure, a request gets the failed export instead of a new one. The default is 0.
   */
  restSeconds?: number;
};

/**
 * The options in a request's body. Only a body may have `mailTo`: addresses in a query would end up in logs and
 * browser histories.
 */
export const BodyInput = OptionsInput.extend({
  mailTo: Recipients.optional().describe(
    "The addresses that get the finished report by mail, with a permanent link to it: one mail each. This is no option " +
      "of the report. An export that serves several requests is mailed once to each address that they name.",
  ),
});

export type BodyRequest = ExportRequest & { mailTo: string[] };

/** The options in a request's query, after the texts of lists have been split at their commas. */
export const QueryInput = OptionsInput.extend({
  redirect: booleanOption.default(false).describe("True to answer a finished export with 302 to its file."),
});

/**
 * Parses the options of a request. Throws an ExportError that names every invalid parameter. `today` is the latest
 * valid `asOf`.
 */
export function parseOptions(given: unknown, today: Day): ExportRequest {
  const errors = findConflicts(given, today);
  return finishRequest(OptionsInput.safeParse(given), errors, today);
}

/**
 * Parses a request's body, with the same errors as `parseOptions`. `mailTo` is valid only when the deployment has a
 * mail sender.
 */
export function parseBody(
  given: unknown,
  { today, hasSender }: { today: Day; hasSender: boolean },
): BodyRequest {
  const parsed = BodyInput.safeParse(given);
  const lacksSender = !hasSender && isRecord(given) && given["mailTo"] !== undefined;
  const errors = lacksSender ? [{ parameter: "mailTo", detail: noSender }] : [];
  const request = finishRequest(parsed, [...errors, ...findConflicts(given, today)], today);
  return { ...request, mailTo: parsed.data?.mailTo ?? [] };
}

const noSender = "needs a sender: whoever runs this has to set MAIL_SENDER";

/**
 * Parses a request's query, with the same errors as `parseOptions`. The query may have `redirect`, and no parameter
 * may occur twice.
 */
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

/**
 * Converts the text of a query's parameter to the option's type. A text that cannot be converted stays as it is, so
 * that the schema refuses it.
 */
function readValue(name: string, text: string): unknown {
  if (name === "status" || name === "columns") return text.split(",");
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
    columns: given.columns ?? null,
  };
  return { options, maxAgeSeconds: given.maxAge };
}

/** Returns errors that the schema does not find, such as `dialect` without `format=csv`. */
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
  const evidenceConflict = findEvidenceConflict(given["columns"], given["evidence"]);
  if (evidenceConflict !== null) errors.push({ parameter: "columns", detail: evidenceConflict });
  return errors;
}

function readDay(given: unknown): Day | null {
  return typeof given === "string" ? parseDay(given) : null;
}

function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

/** The largest number of errors in a response, to keep the response small. */
const maxErrors = 100;

/**
 * Returns the parsed value. Throws an ExportError that lists the errors of the schema and the errors in `found`, if
 * there are any.
 */
export function requireValid<T>(parsed: z.ZodSafeParseResult<T>, found: ParameterError[]): T {
  const errors = [...(parsed.error?.issues.flatMap(describeIssue) ?? []), ...found];
  if (parsed.success && errors.length === 0) return parsed.data;
  throw invalidParameters(errors);
}

function invalidParameters(all: ParameterError[]): ExportError {
  const different = new Map(all.map((error) => [JSON.stringify(error), error]));
  const errors = [...different.values()].slice(0, maxErrors);
  const names = [...new Set(errors.map((error) => error.parameter))].join(", ");
  return new ExportError("invalid", "invalid_parameters", `Correct these parameters: ${names}.`, { errors });
}

/**
 * Describes an error of the schema. Names a nested parameter by its path, joined with dots, without positions in
 * lists.
 */
function describeIssue(issue: z.core.$ZodIssue): ParameterError[] {
  const path = issue.path.filter((part) => typeof part === "string");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => ({
      parameter: [...path, sanitizeName(name)].join("."),
      detail: "is not an option",
    }));
  }
  return [{ parameter: path.join(".") || "body", detail: issue.message }];
}
