/** An offer as the portal returns it, with the test's changes. */
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

/** Makes offers with different ids and numbers. */
export function rawOffers(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) =>
    rawOffer({ id: `off_${String(index + 1).padStart(15, "0")}`, offerNumber: `2024-${index + 1}` }),
  );
}

export type RawCustomer = { id: string; companyName: string };

/** Makes customers as the portal lists them, with only a few of the portal's fields. */
export function rawCustomers(count: number): RawCustomer[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `cst_${String(index + 1).padStart(15, "0")}`,
    companyName: `Bakkerij ${index + 1}`,
    primaryEmail: "info@bakkerij.test",
    customerGroups: [],
  }));
}

/** Makes one offer for each customer. */
export function rawOffersTo(customers: { id: string }[]): Record<string, unknown>[] {
  return customers.map(({ id }, index) =>
    rawOffer({ id: `off_${index + 1}`, offerNumber: `2024-${index + 1}`, customerId: id }),
  );
}
