import { inflateSync } from "node:zlib";
import { Ajv } from "ajv";
import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { countMonths } from "../../../local/portal/demo-random.ts";
import { makeDemo, type DemoOffer } from "../../../local/portal/demo-data.ts";
import { portalSchema } from "../../../local/portal/portal-schema.ts";

const today = "2026-11-22";
const { offers, customers } = makeDemo({ today });
const many = makeDemo({ offers: 2000, seed: 7, today }).offers;
const accepted = many.filter((offer) => offer.acceptedAt !== null);

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

function judge(offer: DemoOffer): string {
  if (offer.acceptedAt !== null) return "accepted";
  if (offer.rejectedAt !== null) return "rejected";
  return offer.expiresAt < today ? "expired" : "open";
}

const isOpen = (offer: DemoOffer): boolean => judge(offer) === "open";

const listImpossible = (field: "issuedAt" | "expiresAt"): string[] =>
  offers.map((offer) => offer[field]).filter((date) => !isDate(date));

function shareOf(list: readonly DemoOffer[], test: (offer: DemoOffer) => boolean): number {
  return list.filter(test).length / list.length;
}

function issuedBetween(firstDay: string, lastDay: string): DemoOffer[] {
  return many.filter(({ issuedAt }) => issuedAt >= firstDay && issuedAt <= lastDay);
}

describe("the demo's data", () => {
  it("holds 347 offers of 60 customers unless told otherwise", () => {
    expect([offers.length, customers.length, many.length]).toEqual([347, 60, 2000]);
    expect(makeDemo({ offers: 0, today }).offers).toEqual([]);
  });

  it("is the same for the same seed and day, and differs for others", () => {
    const demo = makeDemo({ offers: 50, seed: 3, today });
    expect(makeDemo({ offers: 50, seed: 3, today })).toEqual(demo);
    expect(makeDemo({ offers: 50, seed: 4, today })).not.toEqual(demo);
    expect(makeDemo({ offers: 50, seed: 3, today: "2026-11-21" })).not.toEqual(demo);
  });

  it("fits the portal's schema and has no later dates than its day, for any seed and day", () => {
    const isOffer = ajv.compile(portalSchema.offer);
    const isCustomer = ajv.compile(portalSchema.customer);
    const days = fc.integer({ min: 0, max: 4000 });
    fc.assert(
      fc.property(fc.integer(), days, (seed, dayCount) => {
        const day = Temporal.PlainDate.from("2020-02-29").add({ days: dayCount });
        const demo = makeDemo({ offers: 60, seed, today: day.toString() });
        const midnight = day.toZonedDateTime("Europe/Amsterdam").epochMilliseconds;
        const moments = demo.offers.flatMap((offer) => [offer.createdAt, offer.acceptedAt, offer.rejectedAt]);
        expect(demo.offers.filter((offer) => !isOffer(offer))).toEqual([]);
        expect(demo.customers.filter((customer) => !isCustomer(customer))).toEqual([]);
        expect(moments.filter((text) => text !== null && Date.parse(text) >= midnight)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("decides nothing later than yesterday", () => {
    const days = many.flatMap(({ acceptedAt, rejectedAt }) => [acceptedAt, rejectedAt]);
    const lastDay = days
      .map((moment) => moment?.slice(0, 10) ?? "")
      .toSorted()
      .at(-1);
    expect(lastDay).toBe("2026-11-21");
  });

  it("lists offers and customers oldest first, each once", () => {
    for (const list of [many, customers]) {
      const momentsMs = list.map(({ createdAt }) => Date.parse(createdAt));
      expect(momentsMs).toEqual(momentsMs.toSorted((a, b) => a - b));
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }
    expect(new Set(many.map(({ offerNumber }) => offerNumber)).size).toBe(many.length);
  });

  it("writes moments with the offset Amsterdam has then", () => {
    const moments = many.flatMap(({ createdAt, acceptedAt, rejectedAt }) =>
      [createdAt, acceptedAt, rejectedAt].filter((text) => text !== null),
    );
    const wrong = moments.filter(
      (text) => !text.endsWith(Temporal.Instant.from(text).toZonedDateTimeISO("Europe/Amsterdam").offset),
    );
    expect(wrong).toEqual([]);
    expect(new Set(moments.map((text) => text.slice(-6)))).toEqual(new Set(["+01:00", "+02:00"]));
  });

  it("links every offer to a customer it holds", () => {
    const ids = new Set(customers.map(({ id }) => id));
    for (const offer of offers) {
      expect(ids).toContain(offer.customerId);
      expect(offer.links.customer.href).toBe(
        `https://api.mijnklantportaal.nl/v1/customers/${offer.customerId}`,
      );
    }
  });

  it("numbers offers by year after a first few with zeros in front", () => {
    const numbers = offers.map(({ offerNumber }) => offerNumber);
    expect(numbers.slice(0, 20).every((number) => /^0\d{5}$/.test(number))).toBe(true);
    expect(numbers.slice(20).every((number) => /^20\d\d-0\d{3}$/.test(number))).toBe(true);
    expect(numbers).toContain("2026-0001");
  });

  it("gives customers Dutch names and addresses, and mailboxes that nobody has", () => {
    const names = customers.map(({ companyName }) => companyName);
    expect(new Set(names).size).toBe(60);
    expect(names).toEqual(expect.arrayContaining(["Brasserie Zoë & Chloé", "Kapsalon Désirée"]));
    for (const { zipCode, primaryEmail, phone } of customers) {
      expect(zipCode).toMatch(/^[1-9]\d{3} (?!S[ADS])[A-Z]{2}$/);
      expect(primaryEmail).toMatch(/^(info@[a-z0-9-]+\.test|[a-z0-9-]+@example\.nl)$/);
      expect(phone ?? "none").toMatch(/^(none|\+31 \d{2,3} 0\d{5,6})$/);
    }
    expect(new Set(customers.map(({ phone }) => phone === null))).toEqual(new Set([true, false]));
  });
});

describe("the demo's proportions", () => {
  it("mixes the statuses as a portal would", () => {
    const shares = ["accepted", "rejected", "expired", "open"].map((status) =>
      shareOf(many, (offer) => judge(offer) === status),
    );
    const [acceptedShare = 0, rejectedShare = 0, expiredShare = 0, openShare = 0] = shares;
    expect(acceptedShare).toBeGreaterThan(0.4);
    expect(acceptedShare).toBeLessThan(0.6);
    expect(rejectedShare).toBeGreaterThan(0.1);
    expect(rejectedShare).toBeLessThan(0.25);
    expect(expiredShare).toBeGreaterThan(0.2);
    expect(expiredShare).toBeLessThan(0.4);
    expect(openShare).toBeGreaterThan(0.01);
    expect(openShare).toBeLessThan(0.06);
  });

  it("leaves most offers of the last days open and none of long ago", () => {
    expect(shareOf(issuedBetween("2026-11-16", "2026-11-21"), isOpen)).toBeGreaterThan(0.6);
    expect(issuedBetween("2020-01-01", "2026-09-22").filter(isOpen).length).toBe(0);
  });

  it("spreads issue dates over 26 months, fewer in summer and at weekends", () => {
    const dates = many.map(({ issuedAt }) => issuedAt).filter(isDate);
    const [firstDate = ""] = dates.toSorted();
    expect(firstDate >= "2024-09-22" && firstDate <= "2024-09-30").toBe(true);
    const [may = 0, july = 0, august = 0] = ["05", "07", "08"].map(
      (month) => issuedBetween(`2025-${month}-01`, `2025-${month}-31`).length,
    );
    expect(july).toBeGreaterThan(0.3 * may);
    expect(july).toBeLessThan(0.7 * may);
    expect(august).toBeGreaterThan(0.2 * may);
    expect(august).toBeLessThan(0.6 * may);
    const weekend = dates.filter((date) => Temporal.PlainDate.from(date).dayOfWeek > 5);
    expect(weekend.length).toBeGreaterThan(0);
    expect(weekend.length).toBeLessThan(0.08 * dates.length);
  });

  it("spreads many offers over years, as the work of one firm, but not over more than twenty", () => {
    const { offers: long, customers: clients } = makeDemo({ offers: 20_000, today });
    const [first, last] = [long[0]?.createdAt ?? "", long.at(-1)?.createdAt ?? ""];
    expect(first.slice(0, 4)).toBe("2012");
    expect(last.slice(0, 7)).toBe("2026-11");
    expect(clients.every(({ createdAt }) => Date.parse(createdAt) < Date.parse(first))).toBe(true);
    const inSpring = long.filter(({ issuedAt }) => issuedAt >= "2026-03" && issuedAt < "2026-06");
    expect(inSpring.length).toBeGreaterThan(3 * 110);
    expect(inSpring.length).toBeLessThan(3 * 170);
    expect(countMonths(1_000_000)).toBe(240);
  });

  it("keeps most offers good for thirty days", () => {
    const share = shareOf(many, ({ issuedAt, expiresAt }) => {
      if (!isDate(issuedAt) || !isDate(expiresAt)) return false;
      return Temporal.PlainDate.from(issuedAt).add({ days: 30 }).toString() === expiresAt;
    });
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.9);
  });

  it("draws amounts in euros and cents from a log-normal distribution", () => {
    const logs = many.map(({ amount }) => Math.log(Number(amount))).toSorted((a, b) => a - b);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
    expect(many.filter(({ amount }) => !/^[1-9]\d*\.\d\d$/.test(amount))).toEqual([]);
    expect(Math.exp(logs[1000] ?? 0)).toBeGreaterThan(1100);
    expect(Math.exp(logs[1000] ?? 0)).toBeLessThan(1400);
    expect(deviation).toBeGreaterThan(1);
    expect(deviation).toBeLessThan(1.2);
    expect(Math.abs(mean - (logs[1000] ?? 0))).toBeLessThan(0.1);
  });

  it("favours some customers without forgetting the others", () => {
    const counts = Map.groupBy(many, ({ customerId }) => customerId);
    const sizes = [...counts.values()].map(({ length }) => length);
    expect(sizes.length).toBe(60);
    expect(Math.max(...sizes)).toBeGreaterThan(100);
  });
});

describe("the demo's evidence", () => {
  it("comes with an acceptance and with nothing else", () => {
    const documentation = /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$|^2001:db8:[0-9a-f]+::[0-9a-f]+$/;
    for (const offer of accepted) {
      expect(offer.acceptedViaIp).toMatch(documentation);
      expect(offer.acceptedViaUserAgent).toMatch(/^Mozilla\/5\.0 \(/);
      expect(offer.acceptanceSignature).not.toBeNull();
    }
    for (const offer of many.filter(({ acceptedAt }) => acceptedAt === null)) {
      expect(offer).not.toHaveProperty("acceptedViaIp");
      expect(offer).not.toHaveProperty("acceptedViaUserAgent");
      expect(offer.acceptanceSignature).toBeNull();
    }
  });

  it("signs with a PNG of 64 by 24 pixels that somebody drew on", () => {
    const [signature = ""] = accepted.map(({ acceptanceSignature }) => acceptanceSignature);
    const png = Buffer.from(signature?.replace("data:image/png;base64,", "") ?? "", "base64");
    const dataBytes = png.readUInt32BE(33);
    const rows = inflateSync(png.subarray(41, 41 + dataBytes));
    expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 24]);
    expect(rows.length).toBe(24 * 9);
    expect(rows.filter((byte, at) => at % 9 !== 0 && byte !== 0xff).length).toBeGreaterThan(20);
    expect(png.subarray(-8).toString("hex")).toBe("49454e44ae426082");
  });

  it("draws each signature anew", () => {
    expect(new Set(accepted.map(({ acceptanceSignature }) => acceptanceSignature)).size).toBe(
      accepted.length,
    );
  });
});

describe("the demo's oddities", () => {
  it("holds two offers that were both accepted and rejected, one in either order", () => {
    const twice = offers.filter(({ acceptedAt, rejectedAt }) => acceptedAt !== null && rejectedAt !== null);
    expect(
      twice.map(({ acceptedAt, rejectedAt }) => Date.parse(acceptedAt ?? "") < Date.parse(rejectedAt ?? "")),
    ).toEqual([true, false]);
  });

  it("holds two impossible expiry dates and one impossible issue date", () => {
    expect(listImpossible("expiresAt")).toHaveLength(2);
    expect(listImpossible("issuedAt")).toHaveLength(1);
    for (const date of [...listImpossible("expiresAt"), ...listImpossible("issuedAt")]) {
      expect(date).toMatch(/^20\d\d-(02|04|06|09|11)-31$/);
    }
  });

  it("holds two offers that were accepted after their last valid day", () => {
    const late = offers.filter(
      ({ acceptedAt, expiresAt }) =>
        isDate(expiresAt) && acceptedAt !== null && acceptedAt.slice(0, 10) > expiresAt,
    );
    expect(late).toHaveLength(2);
  });

  it("leaves lists of a few offers without oddities", () => {
    const few = makeDemo({ offers: 29, today }).offers;
    expect(few.every(({ issuedAt, expiresAt }) => isDate(issuedAt) && isDate(expiresAt))).toBe(true);
  });
});
