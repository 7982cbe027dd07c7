import * as z from "zod";
import type { Customer } from "./customer.ts";
import { count } from "./progress.ts";

/** A customer's id, the last name that the portal gave (null: none), and when it was asked for, in ms since 1970. */
const Entry = z.tuple([z.string(), z.string().nullable(), z.number()]);

/** What is known of the customers of one portal: a list, since an id may be `__proto__`. */
export const Names = z.object({
  customers: z.array(Entry),
  /** How many pages the portal's list of customers had. */
  pages: count.nullable(),
});
export type Names = z.infer<typeof Names>;

export const emptyNames: Names = { customers: [], pages: null };

const dayMs = 86_400_000;
/** Customers are renamed seldom. */
const freshMs = 30 * dayMs;
/** As long as exports are kept; a customer that no export has wanted for so long is forgotten. */
const keptMs = 400 * dayMs;

/** The customers who need not be asked for. */
export function listFresh({ customers }: Names, nowMs: number): Set<string> {
  return new Set(customers.filter(([, , atMs]) => nowMs - atMs < freshMs).map(([id]) => id));
}

export type Found = {
  customers: Customer[];
  /** How many pages their list has, where it was read to its end. */
  pages: number | null;
  /** To be remembered, however long ago they were asked for. */
  wanted: ReadonlySet<string>;
};

/**
 * The names with those that the portal has just given. One that it gives no more, such as a customer's who is
 * gone, stays, and is not asked for again at once; what another has asked later counts more.
 */
export function addNames(names: Names, { customers, pages, wanted }: Found, nowMs: number): Names {
  const known = new Map(names.customers.map((entry) => [entry[0], entry]));
  for (const { id, name } of customers) {
    const [, lastName, atMs] = known.get(id) ?? [id, null, -Infinity];
    if (atMs <= nowMs) known.set(id, [id, name ?? lastName, nowMs]);
  }
  const kept = [...known.values()].filter(([id, , atMs]) => nowMs - atMs < keptMs || wanted.has(id));
  return { customers: kept, pages: pages ?? names.pages };
}
