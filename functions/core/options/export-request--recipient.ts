import * as z from "zod";
import { normalizeMailAddress, isMailAddress } from "../settings/setting-rules--address.ts";

const addressHint = "must be a mail address, such as sales@example.com";
const mostRecipients = 10;
const listHint = `must be a list of 1 to ${mostRecipients} mail addresses`;

/** Whom a report is mailed to, one mail each. */
export const Recipients = z
  .array(z.string(addressHint).refine(isMailAddress, addressHint).meta({ format: "email" }), listHint)
  .refine((all) => all.length >= 1 && all.length <= mostRecipients, listHint)
  .refine((all) => mergeRecipients([], all).length === all.length, "must name each address once")
  .meta({ minItems: 1, maxItems: mostRecipients, uniqueItems: true });

/** Those that are known, and behind them the others that are not yet among them. */
export function mergeRecipients(known: string[], others: string[]): string[] {
  const all = new Map(known.map((address) => [normalizeMailAddress(address), address]));
  for (const address of others) {
    const folded = normalizeMailAddress(address);
    if (!all.has(folded)) all.set(folded, address);
  }
  return [...all.values()];
}
