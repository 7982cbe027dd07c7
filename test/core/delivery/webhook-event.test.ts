import { describe, expect, it } from "vitest";
import {
  describeExportEvent,
  ExportEvent,
  judgeWebhookResponse,
  formatWebhookEventId,
} from "../../../functions/core/delivery/webhook-event.ts";
import { isWebhookSecret, parseWebhookAddresses } from "../../../functions/core/delivery/public-address.ts";
import { makeFigures, makeRows } from "../../support/report-fixtures.ts";
import {
  makeFailedExport,
  makeSucceededExport,
  makeWebhookSecret,
  running,
} from "../../support/webhook-fixtures.ts";
import { rawOffer } from "../../support/offer-fixtures.ts";

describe("the webhook addresses", () => {
  it("are separated by white space and commas", () => {
    const text =
      " https://a.example/x?key=1,\nhttps://b.example:8443/\thttps://93.184.216.34/y, https://c.example\n";
    expect(parseWebhookAddresses(text)).toEqual({
      urls: [
        "https://a.example/x?key=1",
        "https://b.example:8443/",
        "https://93.184.216.34/y",
        "https://c.example/",
      ],
      faults: [],
    });
    expect(parseWebhookAddresses(" ,\n")).toEqual({ urls: [], faults: [] });
  });

  it.each([
    ["http://a.example/", "is no https address"],
    ["ftp://a.example/", "is no https address"],
    ["a.example/x", "is no https address"],
    ["https://", "is no https address"],
    ["https://somebody@a.example/", "has a user name or a password"],
    ["https://:word@a.example/", "has a user name or a password"],
    ["https://somebody:word@a.example/", "has a user name or a password"],
    ["https://a.example/#part", "has a fragment"],
    ["https://a.example/#", "has a fragment"],
    ["https://127.0.0.1/", "is within a network"],
    ["https://2130706433/", "is within a network"],
    ["https://0x7f.1/", "is within a network"],
    ["https://10.1.2.3/", "is within a network"],
    ["https://169.254.169.254/latest", "is within a network"],
    ["https://[::1]/", "is within a network"],
    ["https://[fd00::1]/", "is within a network"],
    ["https://[::ffff:10.0.0.1]/", "is within a network"],
    ["https://ok.example/", "is there twice"],
    ["https://OK.example", "is there twice"],
  ])("are refused one by one, by number and without their text: %s", (address, fault) => {
    const { faults } = parseWebhookAddresses(`https://ok.example/ ${address}`);
    expect(faults).toEqual([`address 2 ${fault}`]);
  });

  it("are limited to ten", () => {
    const some = (count: number) => Array.from({ length: count }, (_, index) => `https://${index}.example/`);
    expect(parseWebhookAddresses(some(10).join(",")).faults).toEqual([]);
    expect(parseWebhookAddresses(some(11).join(",")).faults).toEqual(["there are at most 10 addresses"]);
  });

  it("may be on this machine, even without TLS, if that is allowed; other private addresses are refused", () => {
    const allowance = { allowLoopback: true };
    for (const address of ["http://127.0.0.1:4000/", "http://[::1]:4000/", "https://127.0.0.1:4000/"])
      expect(parseWebhookAddresses(address, allowance)).toEqual({ urls: [address], faults: [] });
    const others = ["http://a.example/", "http://localhost/", "http://10.1.2.3/", "https://10.1.2.3/"];
    for (const address of [...others, "ftp://127.0.0.1/"])
      expect(parseWebhookAddresses(address, allowance).faults).toHaveLength(1);
  });
});

describe("a webhook secret", () => {
  const ofBytes = (count: number) => `whsec_${Buffer.alloc(count, 7).toString("base64")}`;

  it("is whsec_ and the base64 of 24 to 64 bytes", () => {
    for (const secret of [makeWebhookSecret(), ofBytes(24), ofBytes(25), ofBytes(64)])
      expect(isWebhookSecret(secret)).toBe(true);
  });

  it.each([
    "",
    "whsec_",
    ofBytes(23),
    ofBytes(65),
    ofBytes(32).slice("whsec_".length),
    ofBytes(32).replace("=", ""),
    `${ofBytes(33).slice(0, -1)}-`,
    `${ofBytes(33)}\n`,
    `x${ofBytes(33)}`,
  ])("is not %j", (text) => {
    expect(isWebhookSecret(text)).toBe(false);
  });
});

describe("the webhook event", () => {
  it("holds a succeeded export as the list shows it, without its run and without a link", () => {
    const state = makeSucceededExport({ rows: 3, totals: { EUR: "12.50" } });
    const { run: _, ...data } = state;
    expect(describeExportEvent(state)).toEqual({
      type: "export.succeeded",
      timestamp: "2026-11-22T12:03:00.000Z",
      data,
    });
    expect(data.result?.file).not.toHaveProperty("url");
  });

  it("names no customer and no offer", () => {
    const named = { customerId: "cst_planted", offerNumber: "planted-number", expiresAt: "2024-05-16" };
    const figures = makeFigures(makeRows([rawOffer(named)], "2024-05-14"), "2024-05-14");
    const state = makeSucceededExport({ figures });
    expect(JSON.stringify(state)).toContain("planted");
    expect(JSON.stringify(describeExportEvent(state))).not.toContain("planted");
  });

  it("holds a failed export and its problem", () => {
    expect(describeExportEvent(makeFailedExport())).toMatchObject({
      type: "export.failed",
      timestamp: "2026-11-22T12:03:00.000Z",
      data: { status: "failed", result: null, problem: { code: "portal_key_refused" } },
    });
  });

  it("has the shape that the API's description gives it", () => {
    const succeeded = describeExportEvent(makeSucceededExport());
    for (const event of [succeeded, describeExportEvent(makeFailedExport())])
      expect(ExportEvent.parse(event)).toEqual(event);
    expect(ExportEvent.safeParse({ ...succeeded, type: "export.started" }).success).toBe(false);
  });

  it("does not exist for a running export", () => {
    expect(() => describeExportEvent(running)).toThrow("the export has not ended");
  });

  it("has an id for each webhook, which is the same at each try", () => {
    const event = () => describeExportEvent(makeSucceededExport());
    const nameFor = (id: string) => formatWebhookEventId(event(), { id, url: "https://a.example/" });
    expect(nameFor("0123456789ab")).toBe(nameFor("0123456789ab"));
    expect(nameFor("0123456789ab")).not.toBe(nameFor("ba9876543210"));
  });
});

describe("a response to a webhook", () => {
  it.each([200, 201, 202, 204, 299])("with status %i means that the event has arrived", (status) => {
    expect(judgeWebhookResponse(status, null)).toEqual({ kind: "sent", messageId: null });
  });

  it.each([400, 401, 403, 404, 410, 413, 422, 499])("with status %i is final", (status) => {
    expect(judgeWebhookResponse(status, 5_000)).toEqual({
      kind: "refused",
      reason: `The receiver answered ${status}.`,
    });
  });

  it.each([300, 301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 599, 0])(
    "with status %i may be retried",
    (status) => {
      const reason = `The receiver answered ${status}.`;
      expect(judgeWebhookResponse(status, 5_000)).toEqual({ kind: "lost", reason, retryAfterMs: 5_000 });
    },
  );
});
