import { Temporal } from "temporal-polyfill";
import type { Span } from "./demo-random--calendar.ts";
import { timeZone, writeAtom } from "./demo-random--moment.ts";
import type { Random } from "./demo-random.ts";
import { cities, endings, families, specialNames, streets, trades } from "./demo-customers--words.ts";

export type DemoCustomer = {
  id: string;
  companyName: string;
  address: string;
  zipCode: string;
  city: string;
  countryCode: string;
  primaryEmail: string;
  phone: string | null;
  integration: string | null;
  integrationId: string | null;
  customerGroups: string[];
  createdAt: string;
};

// No S: SA, SD and SS are in no Dutch zip code.
const zipLetters = "ABCDEGHJKLMNPRTVWXZ";

function makeName(index: number, random: Random): string {
  const trade = trades[index % trades.length];
  return specialNames[index] ?? `${trade} ${random.pick(families)}${random.pick(endings)}`;
}

function makeNames(count: number, random: Random): string[] {
  const names = new Set<string>();
  while (names.size < count) names.add(makeName(names.size, random));
  return [...names];
}

function makeEmail(name: string, random: Random): string {
  const slug = name
    .replaceAll("ı", "i")
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return random.unit() < 0.5 ? `info@${slug}.test` : `${slug}@example.nl`;
}

function makeCustomer(name: string, since: Temporal.PlainDate, random: Random): DemoCustomer {
  const { city, zip, area } = random.pick(cities);
  const createdAt = since
    .add({ days: random.int(0, 700) })
    .toZonedDateTime({ timeZone, plainTime: { hour: random.int(8, 17), minute: random.int(0, 59) } });
  // No Dutch subscriber number starts with a 0, so nobody has this one.
  const phone = `+31 ${area} 0${random.text(8 - area.length, "0123456789")}`;
  const integrated = random.unit() < 0.3;
  return {
    id: `cst_${random.text(15)}`,
    companyName: name,
    address: `${random.pick(streets)} ${random.int(1, 240)}${random.unit() < 0.12 ? " A" : ""}`,
    zipCode: `${zip}${random.int(11, 99)} ${random.text(2, zipLetters)}`,
    city,
    countryCode: "NL",
    primaryEmail: makeEmail(name, random),
    phone: random.unit() < 0.8 ? phone : null,
    integration: integrated ? "moneybird" : null,
    integrationId: integrated ? random.text(18) : null,
    customerGroups: [],
    createdAt: writeAtom(createdAt),
  };
}

/** The last of them come within 24 months. */
const headStartMonths = 26;

/** Oldest first; all of them older than the oldest offer of that span. */
export function makeCustomers(count: number, { today, months }: Span, random: Random): DemoCustomer[] {
  const since = Temporal.PlainDate.from(today).subtract({ months: months + headStartMonths });
  const customers = makeNames(count, random).map((name) => makeCustomer(name, since, random));
  return customers.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}
