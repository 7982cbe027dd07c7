import { isRecord, type RawOffer, readId, readOfferText } from "../offer/offer.ts";

/** The fields that a report shows. The name is null when the portal has none. */
export type Customer = { id: string; name: string | null };

/** Returns null for a customer without an id. */
export function parseCustomer(given: unknown): Customer | null {
  const id = readId(given);
  return id === null ? null : { id, name: readName(given) };
}

function readName(given: unknown): string | null {
  const name = isRecord(given) ? given["companyName"] : null;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}

/** Returns the id of the offer's customer. */
export function readCustomerId(given: RawOffer): string | null {
  return isRecord(given) ? readOfferText(given["customerId"]) : null;
}

const maxIdLength = 200;

/** True when the id can be the last segment of a request's path. A path such as `..` would be changed on the way. */
export function isLookupId(id: string): boolean {
  return id.length <= maxIdLength && id.isWellFormed() && id !== "." && id !== "..";
}

/** The reason why names could not be read: the key lacks the scope for customers, or the portal failed. */
export type LookupTrouble = "scope" | "portal";

/** The facts about customers' names that a report shows. */
export type NameFacts = {
  /** The reason why some names could not be read; null when all could. */
  trouble: LookupTrouble | null;
  /** The number of customers whose name is not known yet. */
  unknown: number;
  /** The number of customers for whom the portal has no name. */
  nameless: number;
};

export type NameJoin = {
  /** Returns the customer's name, or the id when no name is known. Counts the customer for `facts`. */
  nameCustomer: (customerId: string | null) => string | null;
  /** Returns the customer's name, or null. Does not count the customer: it is not in the report. */
  findName: (customerId: string) => string | null;
  /** Returns the facts about all customers of `nameCustomer`. */
  facts: () => NameFacts;
};

type NamedEntry = readonly [id: string, name: string | null, ...unknown[]];

export function joinNames(
  { customers }: { customers: readonly NamedEntry[] },
  trouble: LookupTrouble | null,
): NameJoin {
  const nameOf = new Map(customers.map(([id, name]) => [id, name]));
  const unknown = new Set<string>();
  const nameless = new Set<string>();
  return {
    nameCustomer(customerId) {
      if (customerId === null) return null;
      const name = nameOf.get(customerId);
      if (name != null) return name;
      const isUnknown = name === undefined && isLookupId(customerId);
      (isUnknown ? unknown : nameless).add(customerId);
      return customerId;
    },
    findName: (customerId) => nameOf.get(customerId) ?? null,
    facts: () => ({ trouble, unknown: unknown.size, nameless: nameless.size }),
  };
}

/** For a report without names: the column stays empty. */
export const noNameJoin: NameJoin = {
  nameCustomer: () => null,
  findName: () => null,
  facts: () => ({ trouble: null, unknown: 0, nameless: 0 }),
};
