import { Temporal } from "temporal-polyfill";
import { type Random, type Span, timeZone, writeAtom } from "./demo-random.ts";

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

// The letters in zip codes. S is left out, because Dutch zip codes never contain SA, SD or SS.
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
  // Dutch subscriber numbers never start with 0, so nobody has this number.
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

/**
 * The number of months from the first customer to the oldest offer. These months are longer than the 700 days in which
 * customers arrive, so all customers are older than the oldest offer.
 */
const headStartMonths = 26;

/** Returns customers, oldest first. All customers are older than the oldest offer of the span. */
export function makeCustomers(count: number, { today, months }: Span, random: Random): DemoCustomer[] {
  const since = Temporal.PlainDate.from(today).subtract({ months: months + headStartMonths });
  const customers = makeNames(count, random).map((name) => makeCustomer(name, since, random));
  return customers.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
}

function listWords(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}

/** Names that are difficult for a report: accents, ampersands, quotes, a comma, a leading apostrophe. */
const specialNames = [
  "Crêperie Loïs",
  "Brasserie Zoë & Chloé",
  "Kapsalon Désirée",
  "Jansen, De Wit & Partners Notariaat",
  'Drukkerij "De Pers"',
  "'t Groene Erf Hoveniers",
];

const trades = listWords(`
  Aannemersbedrijf, Accountantskantoor, Architectenbureau, Autobedrijf, Bakkerij, Bloemist,
  Boekhandel, Bouwbedrijf, Dakdekkersbedrijf, Dierenkliniek, Elektrotechniek, Fietsenmaker,
  Fysiotherapie, Glashandel, Grafisch Ontwerp, Hoveniersbedrijf, Installatiebedrijf, Juwelier,
  Keukenstudio, Klussenbedrijf, Loodgietersbedrijf, Meubelmakerij, Optiek, Rijschool,
  Schildersbedrijf, Schoonmaakbedrijf, Slagerij, Stukadoorsbedrijf, Tandartspraktijk,
  Tegelzettersbedrijf, Timmerfabriek, Transportbedrijf, Uitvaartzorg, Wijnhandel
`);

const families = listWords(`
  Bakker, Bos, Brouwer, De Boer, De Bruijn, De Graaf, De Groot, Dekker, Dijkstra, Hendriks,
  Hoekstra, Huisman, Jacobs, Kok, Koster, Kuipers, Meijer, Mulder, Peeters, Postma, Prins,
  Schouten, Smit, Ter Horst, Van Beek, Van den Berg, Van der Heijden, Van der Meer, Van Dijk,
  Van Leeuwen, Veenstra, Vermeulen, Visser, Vos, Willems, Yılmaz
`);

const endings = ["", "", "", "", " B.V.", " B.V.", " & Zn.", " & Co."];

const streets = listWords(`
  Dorpsstraat, Kerkstraat, Molenweg, Stationsweg, Industrieweg, Havenkade, Marktplein,
  Nijverheidsstraat, Burgemeester Hoogenboomlaan, Lindelaan, Oude Rijksweg, Ambachtsweg,
  Prins Hendrikkade, Schoolstraat, Zuideinde, Wilhelminapark
`);

/**
 * `zip` is the first two digits of a city's zip codes. `area` is the city's telephone area code without the leading 0.
 */
const cities = [
  { city: "Amsterdam", zip: "10", area: "20" },
  { city: "Haarlem", zip: "20", area: "23" },
  { city: "Leiden", zip: "23", area: "71" },
  { city: "'s-Gravenhage", zip: "25", area: "70" },
  { city: "Rotterdam", zip: "30", area: "10" },
  { city: "Utrecht", zip: "35", area: "30" },
  { city: "Amersfoort", zip: "38", area: "33" },
  { city: "Middelburg", zip: "43", area: "118" },
  { city: "Breda", zip: "48", area: "76" },
  { city: "'s-Hertogenbosch", zip: "52", area: "73" },
  { city: "Eindhoven", zip: "56", area: "40" },
  { city: "Maastricht", zip: "62", area: "43" },
  { city: "Nijmegen", zip: "65", area: "24" },
  { city: "Arnhem", zip: "68", area: "26" },
  { city: "Enschede", zip: "75", area: "53" },
  { city: "Zwolle", zip: "80", area: "38" },
  { city: "Leeuwarden", zip: "89", area: "58" },
  { city: "Groningen", zip: "97", area: "50" },
];

export const userAgents = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
];
