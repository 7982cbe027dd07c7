import { languages } from "../../core/basics/languages.ts";
import { statuses } from "../../core/offer/offer-status.ts";
import { peopleOrder } from "../../core/options/column-order.ts";
import type { RequestOptions } from "../client/api-client.ts";
import { findPeriodMonths } from "./period-months.ts";

/** Writes the options as a query of `GET /export`. The form's address has the same query, so it can be bookmarked. */
export function formatFormQuery(request: RequestOptions): string {
  const texts = Object.entries(request).map(([name, value]): [string, string] => [name, String(value)]);
  // A comma needs no escape in a query, and a list is easier to read without it.
  return new URLSearchParams(texts).toString().replaceAll("%2C", ",");
}

/** Returns the address of the form with these options. The default format is left out, so a new form has a short one. */
export function formatFormAddress({ format, ...rest }: RequestOptions): string {
  const query = formatFormQuery(format === "csv" ? { format, ...rest } : rest);
  return query === "" ? "/" : `/?${query}`;
}

/** The options that an address gives to the form, and the parts of the address that the form cannot show. */
type ReadQuery = { request: RequestOptions; misread: string[] };

/** Reads options from the query of an address, which anybody may have written. */
export function parseFormQuery(query: URLSearchParams): ReadQuery {
  const parsed: Record<string, unknown> = {};
  const misread: string[] = [];
  for (const [name, text] of query) {
    const value = Object.hasOwn(readers, name) ? readers[name]?.(text) : undefined;
    if (value !== undefined && !Object.hasOwn(parsed, name)) parsed[name] = value;
    if (value === undefined || isShortened(value, text)) misread.push(`${name}=${text}`);
  }
  return { request: parsed, misread };
}

/** True when some of the names in a list were not understood. */
function isShortened(value: unknown, text: string): boolean {
  return Array.isArray(value) && text !== "" && value.length < text.split(",").length;
}

type Reader = (text: string) => unknown;

const oneOf =
  (...names: readonly string[]): Reader =>
  (text) =>
    names.find((name) => name === text);

const flag: Reader = (text) => (text === "true" ? true : text === "false" ? false : undefined);

/** Returns the known names, each once. A list without any known name is not understood, but an empty one is. */
const listOf =
  (names: readonly string[]): Reader =>
  (text) => {
    const found = [...new Set(text.split(",").filter((name) => names.includes(name)))];
    return found.length > 0 || text === "" ? found : undefined;
  };

/** A day that exists, or an empty field of a day. */
const day: Reader = (text) => {
  if (text === "") return text;
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(moment) && new Date(moment).toISOString().startsWith(text) ? text : undefined;
};

const period: Reader = (text) => (findPeriodMonths(text, "2000-01-01") === null ? undefined : text);

const readers: Record<string, Reader> = {
  format: oneOf("xlsx", "csv"),
  dialect: oneOf("excel", "machine"),
  period,
  issuedFrom: day,
  issuedTo: day,
  status: listOf(statuses),
  language: oneOf(...languages),
  asOf: day,
  customers: flag,
  evidence: flag,
  columns: listOf(peopleOrder),
} satisfies Record<FormOption, Reader>;

/** The options that the form shows. */
type FormOption = Exclude<keyof RequestOptions, "freshness">;
