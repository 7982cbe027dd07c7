import { isLookupId } from "./customer.ts";
import type { NameCache } from "./name-cache.ts";
import type { LookupTrouble } from "./customer--naming.ts";

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

export function joinNames({ customers }: Pick<NameCache, "customers">, trouble: LookupTrouble | null): NameJoin {
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
