import { isRecord, readId, readOfferText, type RawOffer } from "../offer/offer.ts";

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

const mostIdLength = 200;

/** Whether a customer can be asked for by that id: as the end of an address it must stay what it is. */
export function isLookupId(id: string): boolean {
  return id.length <= mostIdLength && id.isWellFormed() && id !== "." && id !== "..";
}
