import { rawOffer } from "./offer-fixtures.ts";

export type RawCustomer = { id: string; companyName: string };

/** So many customers as the portal lists them, with no more of what a report leaves out than may matter. */
export function rawCustomers(count: number): RawCustomer[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `cst_${String(index + 1).padStart(15, "0")}`,
    companyName: `Bakkerij ${index + 1}`,
    primaryEmail: "info@bakkerij.test",
    customerGroups: [],
  }));
}

/** An offer to each of them. */
export function offersTo(customers: { id: string }[]): Record<string, unknown>[] {
  return customers.map(({ id }, index) =>
    rawOffer({ id: `off_${index + 1}`, offerNumber: `2024-${index + 1}`, customerId: id }),
  );
}
