/** JSON Schemas of the portal's answers, made from the portal's OpenAPI page and documentation. */

// Accepts dates that do not exist, because an example in the portal's documentation is the 31st of April.
const date = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const moment = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}[+-]\\d{2}:\\d{2}$" };
const url = { type: "string", pattern: "^https?://[^/]+/v1/" };
const anyText = { type: "string" };
const nonEmptyText = { type: "string", minLength: 1 };
const positiveCount = { type: "integer", minimum: 1 };
const customerId = { type: "string", pattern: "^cst_[a-z0-9]{15}$" };

const orNull = <T extends { type: string }>(schema: T) => ({ ...schema, type: [schema.type, "null"] });

/** Returns the schema of an object with exactly these fields. The optional fields may be missing. */
function describeObject(properties: Record<string, object>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", additionalProperties: false, required, properties };
}

const customerLink = describeObject({
  href: { type: "string", pattern: "^https?://[^/]+/v1/customers/cst_[a-z0-9]{15}$" },
  type: anyText,
});

const offer = describeObject(
  {
    id: { type: "string", pattern: "^off_[a-z0-9]{15}$" },
    customerId,
    offerNumber: nonEmptyText,
    issuedAt: date,
    expiresAt: date,
    currency: { type: "string", pattern: "^[A-Z]{3}$" },
    amount: { type: "string", pattern: "^-?\\d+(\\.\\d+)?$" },
    acceptedAt: orNull(moment),
    acceptedViaIp: orNull(anyText),
    acceptedViaUserAgent: orNull(anyText),
    acceptanceSignature: orNull({ type: "string", pattern: "^data:image/png;base64,[A-Za-z0-9+/]+={0,2}$" }),
    rejectedAt: orNull(moment),
    createdAt: moment,
    links: describeObject({ customer: customerLink }),
  },
  // These fields are missing, not null, until the offer is accepted.
  ["acceptedViaIp", "acceptedViaUserAgent"],
);

const customer = describeObject({
  id: customerId,
  companyName: nonEmptyText,
  address: anyText,
  zipCode: anyText,
  city: anyText,
  countryCode: { type: "string", pattern: "^[A-Z]{2}$" },
  primaryEmail: { type: "string", pattern: "^[^@\\s]+@[^@\\s]+$" },
  phone: orNull(anyText),
  integration: orNull(anyText),
  integrationId: orNull(anyText),
  customerGroups: { type: "array" },
  createdAt: moment,
});

const webhook = describeObject({
  id: { type: "string", pattern: "^wbh_[a-z0-9]{15}$" },
  type: { enum: ["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"] },
  url: { type: "string", pattern: "^https?://" },
  secret: nonEmptyText,
  createdAt: moment,
});

function describePage(items: object) {
  return describeObject({
    current_page: positiveCount,
    data: { type: "array", items },
    first_page_url: url,
    // `from` is null on an empty page, although the portal's OpenAPI page does not say so.
    from: orNull(positiveCount),
    next_page_url: orNull(url),
    path: url,
    per_page: positiveCount,
    prev_page_url: orNull(url),
    to: orNull(positiveCount),
  });
}

const describeError = (code: number, message: object = nonEmptyText) =>
  describeObject({ code: { const: code }, message });

export const portalSchema = {
  offer,
  customer,
  offerPage: describePage(offer),
  customerPage: describePage(customer),
  webhook,
  hookPage: describePage(webhook),
  unauthorized: describeError(401),
  forbidden: describeError(403),
  missing: describeError(404),
  throttled: describeError(429, { const: "Too many requests." }),
};
