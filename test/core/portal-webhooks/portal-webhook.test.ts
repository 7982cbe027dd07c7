import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatPortalWebhookSecrets,
  isPortalWebhookSecret,
  findOfferIds,
  portalWebhookTypes,
  parsePortalWebhookSecrets,
  readPortalWebhookType,
} from "../../../functions/core/portal-webhooks/portal-webhook.ts";

describe("the secrets of the portal's webhooks", () => {
  it("survive formatting and parsing, with several of one type", () => {
    const secret = fc.string({ minLength: 8, maxLength: 40 }).filter(isPortalWebhookSecret);
    const entry = fc.record({ type: fc.constantFrom(...portalWebhookTypes), secret });
    const property = fc.property(fc.array(entry, { minLength: 1 }), (entries) => {
      const read = parsePortalWebhookSecrets(` ${formatPortalWebhookSecrets(entries)}\n`);
      for (const { type } of entries)
        expect(read?.get(type)).toEqual(entries.filter((one) => one.type === type).map((one) => one.secret));
    });
    fc.assert(property);
  });

  it.each([
    "offer-created",
    "offer-created=",
    "offer-created=short",
    "offer-created=with a blank in it",
    "offer-made=long-enough-a-secret",
    "customer-created=long-enough-a-secret",
    "offer-created=long-enough-a-secret,",
    "offer-created=long-enough-a-secret offer-deleted=long-enough-a-secret",
  ])("are refused in the form %s", (text) => {
    expect(parsePortalWebhookSecrets(text)).toBe(null);
  });
});

describe("a portal webhook", () => {
  it("is a POST under /portal and nothing else", () => {
    expect(readPortalWebhookType("POST", "/portal/offer-created")).toBe("offer-created");
    expect(readPortalWebhookType("POST", "/portal/offer-created/")).toBe("offer-created");
    for (const path of ["/portal", "/portal/", "/portal/a/b", "/exports", "/x/portal/offer-created"])
      expect(readPortalWebhookType("POST", path)).toBe(null);
    for (const method of ["GET", "HEAD", "DELETE", "OPTIONS"])
      expect(readPortalWebhookType(method, "/portal/offer-created")).toBe(null);
  });

  it.each([
    ['{"data":{"id":"off_abc12345def678"}}', ["off_abc12345def678"]],
    ["offer=off_A1&next=https%3A%2F%2Fportal%2Fcustomer-offers%2Foff_B2", ["off_A1", "off_B2"]],
    ["off_one off_two,off_one\noff_", ["off_one", "off_two"]],
    [`off_${"x".repeat(60)} off_${"y".repeat(61)}`, [`off_${"x".repeat(60)}`]],
    ["no offer, and no JSON {", []],
    ["", []],
  ])("yields the ids of offers in a body of any format: %s", (text, ids) => {
    expect(findOfferIds(text)).toEqual(ids);
  });
});
