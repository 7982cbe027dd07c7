/** The portal's answers as JSON Schema, from its OpenAPI page and its documentation. */

// Checks only digits, because the documentation's own example is the 31st of April.
const date = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
const moment = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}[+-]\\d{2}:\\d{2}$" };
const url = { type: "string", pattern: "^https?://[^/]+/v1/" };
const text = { type: "string" };
const filled = { type: "string", minLength: 1 };
const count = { type: "integer", minimum: 1 };
const customerId = { type: "string", pattern: "^cst_[a-z0-9]{15}$" };

const orNull = <T extends { type: string }>(schema: T) => ({ ...schema, type: [schema.type, "null"] });

/** An object with exactly these fields; the optional ones may be missing. */
function listFields(properties: Record<string, object>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", additionalProperties: false, required, properties };
}

const customerLink = listFields({
  href: { type: "string", pattern: "^https?://[^/]+/v1/customers/cst_[a-z0-9]{15}$" },
  type: text,
});

const offer = listFields(
  {
    id: { type: "string", pattern: "^off_[a-z0-9]{15}$" },
    customerId,
    offerNumber: filled,
    issuedAt: date,
    expiresAt: date,
    currency: { type: "string", pattern: "^[A-Z]{3}$" },
    amount: { type: "string", pattern: "^-?\\d+(\\.\\d+)?$" },
    acceptedAt: orNull(moment),
    acceptedViaIp: orNull(text),
    acceptedViaUserAgent: orNull(text),
    acceptanceSignature: orNull({ type: "string", pattern: "^data:image/png;base64,[A-Za-z0-9+/]+={0,2}$" }),
    rejectedAt: orNull(moment),
    createdAt: moment,
    links: listFields({ customer: customerLink }),
  },
  // Missing, not null, until the offer is accepted.
  ["acceptedViaIp", "acceptedViaUserAgent"],
);

const customer = listFields({
  id: customerId,
  companyName: filled,
  address: text,
  zipCode: text,
  city: text,
  countryCode: { type: "string", pattern: "^[A-Z]{2}$" },
  primaryEmail: { type: "string", pattern: "^[^@\\s]+@[^@\\s]+$" },
  phone: orNull(text),
  integration: orNull(text),
  integrationId: orNull(text),
  customerGroups: { type: "array" },
  createdAt: moment,
});

const hook = listFields({
  id: { type: "string", pattern: "^wbh_[a-z0-9]{15}$" },
  type: { enum: ["offer-created", "offer-deleted", "offer-accepted", "offer-rejected"] },
  url: { type: "string", pattern: "^https?://" },
  secret: filled,
  createdAt: moment,
});

function listPage(items: object) {
  return listFields({
    current_page: count,
    data: { type: "array", items },
    first_page_url: url,
    // Null on an empty page; the OpenAPI page does not mention it.
    from: orNull(count),
    next_page_url: orNull(url),
    path: url,
    per_page: count,
    prev_page_url: orNull(url),
    to: orNull(count),
  });
}

const listFailure = (code: number, message: object = filled) =>
  listFields({ code: { const: code }, message });

export const portalSchema = {
  offer,
  customer,
  offerPage: listPage(offer),
  customerPage: listPage(customer),
  hook,
  hookPage: listPage(hook),
  unauthorized: listFailure(401),
  forbidden: listFailure(403),
  missing: listFailure(404),
  throttled: listFailure(429, { const: "Too many requests." }),
};
