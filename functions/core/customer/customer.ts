import { isRecord, type RawOffer, readId, readOfferText } from "../offer/offer.ts";

/** Of a customer only what a report shows; the name is null where the portal gave none that can be shown. */
export type Customer = { id: string; name: string | null };

/** Null for what could not be told from others. */
export function parseCustomer(given: unknown): Customer | null {
  const id = readId(given);
  return id === null ? null : { id, name: readName(given) };
}

function readName(given: unknown): string | null {
  const name = isRecord(given) ? given["companyName"] : null;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}

/** The id of the offer's customer. */
export function readCustomerId(given: RawOffer): string | null {
  return isRecord(given) ? readOfferText(given["customerId"]) : null;
}

const maxIdLength = 200;

/** Whether a customer can be asked for by that id: as the end of an address it must stay what it is. */
export function isLookupId(id: string): boolean {
  return id.length <= maxIdLength && id.isWellFormed() && id !== "." && id !== "..";
}

/** Why names could not be fetched: the key may not read customers, or the portal did not answer as it should. */
export type LookupTrouble = "scope" | "portal";

/** What a report tells of its customers' names. */
export type NameFacts = {
  /** Why names could not be fetched, if any could not. */
  trouble: LookupTrouble | null;
  /** Customers whose name is not known yet. */
  unknown: number;
  /** Customers for whom the portal has none. */
  nameless: number;
};

export type NameJoin = {
  /** The customer's name, or the id where none is known. */
  nameCustomer: (customerId: string | null) => string | null;
  /** Null where none is known; of one that is not in the report. */
  findName: (customerId: string) => string | null;
  /** Of those who went by. */
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

/** Of a report that was asked for without names: the column stays empty. */
export const noNameJoin: NameJoin = {
  nameCustomer: () => null,
  findName: () => null,
  facts: () => ({ trouble: null, unknown: 0, nameless: 0 }),
};
