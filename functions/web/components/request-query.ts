import { languages } from "../../core/basics/languages.ts";
import { statuses } from "../../core/offer/offer-status.ts";
import { peopleOrder } from "../../core/options/column-order.ts";
import type { RequestOptions } from "../client/api-client.ts";

/** Writes the options as a query of `GET /export`. The form's address has the same query, so it can be bookmarked. */
export function formatFormQuery(request: RequestOptions): string {
  const texts = Object.entries(request).map(([name, value]): [string, string] => [name, String(value)]);
  // A comma needs no escape in a query, and a list is easier to read without it.
  return new URLSearchParams(texts).toString().replaceAll("%2C", ",");
}

/**
 * Reads options from the query of an address, which anybody may have written. Leaves out what the form cannot show. The
 * server refuses texts that are no period and no day.
 */
export function parseFormQuery(query: URLSearchParams): RequestOptions {
  const find = <Name extends string>(names: readonly Name[], text: string | null) =>
    names.find((name) => name === text);
  const list = <Name extends string>(names: readonly Name[], parameter: string) => {
    const found = query
      .get(parameter)
      ?.split(",")
      .flatMap((text) => find(names, text) ?? []);
    return found === undefined ? undefined : [...new Set(found)];
  };
  const text = (name: string) => query.get(name) ?? undefined;
  const flag = (name: string) => find(["true", "false"], query.get(name));
  const [customers, evidence] = [flag("customers"), flag("evidence")];
  return omitUndefined({
    format: find(["xlsx", "csv"], query.get("format")),
    dialect: find(["excel", "machine"], query.get("dialect")),
    period: text("period"),
    issuedFrom: text("issuedFrom"),
    issuedTo: text("issuedTo"),
    status: list(statuses, "status"),
    language: find(languages, query.get("language")),
    asOf: text("asOf"),
    customers: customers && customers === "true",
    evidence: evidence && evidence === "true",
    columns: list(peopleOrder, "columns"),
  });
}

type Optional<T> = { [Name in keyof T]: T[Name] | undefined };

function omitUndefined(given: Optional<RequestOptions>): RequestOptions {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
