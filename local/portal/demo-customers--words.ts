function listWords(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}

/** Names that try a report: accents, ampersands, quotes, a comma, an apostrophe in front. */
export const specialNames = [
  "Crêperie Loïs",
  "Brasserie Zoë & Chloé",
  "Kapsalon Désirée",
  "Jansen, De Wit & Partners Notariaat",
  'Drukkerij "De Pers"',
  "'t Groene Erf Hoveniers",
];

export const trades = listWords(`
  Aannemersbedrijf, Accountantskantoor, Architectenbureau, Autobedrijf, Bakkerij, Bloemist,
  Boekhandel, Bouwbedrijf, Dakdekkersbedrijf, Dierenkliniek, Elektrotechniek, Fietsenmaker,
  Fysiotherapie, Glashandel, Grafisch Ontwerp, Hoveniersbedrijf, Installatiebedrijf, Juwelier,
  Keukenstudio, Klussenbedrijf, Loodgietersbedrijf, Meubelmakerij, Optiek, Rijschool,
  Schildersbedrijf, Schoonmaakbedrijf, Slagerij, Stukadoorsbedrijf, Tandartspraktijk,
  Tegelzettersbedrijf, Timmerfabriek, Transportbedrijf, Uitvaartzorg, Wijnhandel
`);

export const families = listWords(`
  Bakker, Bos, Brouwer, De Boer, De Bruijn, De Graaf, De Groot, Dekker, Dijkstra, Hendriks,
  Hoekstra, Huisman, Jacobs, Kok, Koster, Kuipers, Meijer, Mulder, Peeters, Postma, Prins,
  Schouten, Smit, Ter Horst, Van Beek, Van den Berg, Van der Heijden, Van der Meer, Van Dijk,
  Van Leeuwen, Veenstra, Vermeulen, Visser, Vos, Willems, Yılmaz
`);

export const endings = ["", "", "", "", " B.V.", " B.V.", " & Zn.", " & Co."];

export const streets = listWords(`
  Dorpsstraat, Kerkstraat, Molenweg, Stationsweg, Industrieweg, Havenkade, Marktplein,
  Nijverheidsstraat, Burgemeester Hoogenboomlaan, Lindelaan, Oude Rijksweg, Ambachtsweg,
  Prins Hendrikkade, Schoolstraat, Zuideinde, Wilhelminapark
`);

/** Each with the first two digits of its zip codes and its area code. */
export const cities = [
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
