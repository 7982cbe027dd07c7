/** So many plain offers, each a little different, made as they are asked for. */
export function* makeOffers(count: number) {
  for (let index = 0; index < count; index += 1) yield makeOffer(index);
}

export function makeOffer(index: number) {
  const day = new Date(Date.UTC(2022, 0, 1 + (index % 1_600)));
  const issuedAt = day.toISOString().slice(0, 10);
  const expiresAt = new Date(day.getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
  const decidedAt = `${expiresAt}T1${index % 10}:0${index % 6}:00+01:00`;
  return {
    id: `off_${index.toString(36).padStart(15, "0")}`,
    customerId: `cst_${(index % 997).toString(36).padStart(15, "0")}`,
    offerNumber: `${issuedAt.slice(0, 4)}-${String(index).padStart(7, "0")}`,
    issuedAt,
    expiresAt,
    currency: "EUR",
    amount: `${(index * 7919) % 100_000}.${String(index % 100).padStart(2, "0")}`,
    acceptedAt: index % 3 === 0 ? decidedAt : null,
    acceptanceSignature: index % 3 === 0 ? "data:image/png;base64,AAAA" : null,
    rejectedAt: index % 3 === 1 ? decidedAt : null,
    createdAt: `${issuedAt}T09:30:00+01:00`,
    links: {
      customer: { href: "https://api.mijnklantportaal.nl/v1/customers/cst", type: "application/json" },
    },
  };
}
