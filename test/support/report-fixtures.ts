import type { Row } from "../../functions/core/report/report-row.ts";

const ordinary: Row = {
  offerNumber: "00123",
  offerId: "1",
  customerId: "7",
  customerName: "Bakkerij De Vries",
  issuedAt: 20_000,
  expiresAt: 20_030,
  status: "open",
  decidedAt: null,
  daysToDecision: null,
  daysOpen: 12,
  daysUntilExpiry: 18,
  expiringSoon: false,
  acceptedLate: false,
  currency: "EUR",
  amount: "1234.50",
  signed: false,
  createdAt: null,
  acceptedViaIp: null,
  acceptedViaUserAgent: null,
  raw: {},
  remarks: [],
};

/** An ordinary open offer, but for what is given. */
export function buildRow(given: Partial<Row> = {}): Row {
  return { ...ordinary, ...given };
}

export async function* streamRows(rows: Iterable<Row>): AsyncGenerator<Row> {
  yield* rows;
}
