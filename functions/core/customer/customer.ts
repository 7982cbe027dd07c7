import { isRecord, type RawOffer, readId, readOfferText } from "../offer/offer.ts";

/** The fields of a customer that a report shows. `name` is null when the portal has no name for the customer. */
export type Customer = { id: string; name: string | null };

/** Reads a customer from the portal's data. Returns null for a customer without an id. */
export function parseCustomer(given: unknown): Customer | null {
  const id = readId(given);
  return id === null ? null : { id, name: readName(given) };
}

function readName(given: unknown): string | null {
  const name = isRecord(given) ? given["companyName"] : null;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}

/** Returns the id of the offer's customer; null when the offer has none. */
export function readCustomerId(given: RawOffer): string | null {
  return isRecord(given) ? readOfferText(given["customerId"]) : null;
}

const maxIdLength = 200;

/**
 * True when the customer can be requested by this id. The id is the last segment of the request's path, and a
 * segment such as `..` would change the path.
 */
export function isLookupId(id: string): boolean {
  return id.length <= maxIdLength && id.isWellFormed() && id !== "." && id !== "..";
}

/**
 * The reason why names could not be read. It is `scope` when the API key may not read customers, and `portal` when the
 * portal failed.
 */
export type LookupTrouble = "scope" | "portal";

/** The facts that a report shows about customers' names. */
export type NameFacts = {
  /** The reason why some names could not be read; null when all names could be read. */
  trouble: LookupTrouble | null;
  /** The number of customers whose name has not been read yet. */
  unknown: number;
  /** The number of customers for whom the portal has no name, or whose id cannot be looked up. */
  nameless: number;
};

export type NameJoin = {
  /** Returns the customer's name, or the id when no name is known. */
  nameCustomer: (customerId: string | null) => string | null;
  /** Returns the customer's name, or null when no name is known. */
  findName: (customerId: string) => string | null;
  /** Returns the facts about these customers, each of which is given once. Customers with a name may be left out. */
  facts: (customerIds: Iterable<string>) => NameFacts;
};

type NamedEntry = readonly [id: string, name: string | null, ...unknown[]];

export function joinNames(
  { customers }: { customers: readonly NamedEntry[] },
  trouble: LookupTrouble | null,
): NameJoin {
  const nameOf = new Map(customers.map(([id, name]) => [id, name]));
  return {
    nameCustomer: (customerId) => (customerId === null ? null : (nameOf.get(customerId) ?? customerId)),
    findName: (customerId) => nameOf.get(customerId) ?? null,
    facts(customerIds) {
      const facts = { trouble, unknown: 0, nameless: 0 };
      for (const id of customerIds) {
        const name = nameOf.get(id);
        if (name === undefined && isLookupId(id)) facts.unknown += 1;
        else if (name == null) facts.nameless += 1;
      }
      return facts;
    },
  };
}

/** The join for a report without customers' names. It leaves the column of names empty. */
export const noNameJoin: NameJoin = {
  nameCustomer: () => null,
  findName: () => null,
  facts: () => ({ trouble: null, unknown: 0, nameless: 0 }),
};
