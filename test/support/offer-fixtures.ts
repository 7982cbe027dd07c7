/** An offer as the portal gives it, with what a test wants otherwise. */
export function rawOffer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "off_abc12345def678",
    customerId: "cst_abc12345def678",
    offerNumber: "2024-001",
    issuedAt: "2024-04-29",
    expiresAt: "2024-05-29",
    currency: "EUR",
    amount: "12.95",
    acceptedAt: null,
    rejectedAt: null,
    acceptanceSignature: null,
    createdAt: "2024-04-29T21:00:00+02:00",
    ...changes,
  };
}

/** So many offers, each with an id and a number of its own. */
export function rawOffers(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) =>
    rawOffer({ id: `off_${String(index + 1).padStart(15, "0")}`, offerNumber: `2024-${index + 1}` }),
  );
}

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
export function rawOffersTo(customers: { id: string }[]): Record<string, unknown>[] {
  return customers.map(({ id }, index) =>
    rawOffer({ id: `off_${index + 1}`, offerNumber: `2024-${index + 1}`, customerId: id }),
  );
}
