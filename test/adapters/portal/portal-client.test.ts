import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { openPortal } from "../../../functions/adapters/portal/portal-client.ts";
import { RetryableError } from "../../../functions/adapters/portal/portal-errors.ts";
import { listen } from "../../../local/loopback-server.ts";
import { rawCustomers } from "../../support/offer-fixtures.ts";
import { openTestPortal, portalKey } from "../../support/test-portal.ts";

const attempt = { now: () => Date.now(), signal: new AbortController().signal };

const open = ({ url }: { url: string }) => openPortal({ url, key: portalKey });

describe("a page of customers", () => {
  it("holds ids and names only, and says whether it is the last page", async () => {
    const portal = await openTestPortal({ customers: rawCustomers(16), limit: 60 });
    const first = await open(portal).requestCustomers(1, attempt);
    expect(first.value.customers).toHaveLength(15);
    expect(first).toMatchObject({ value: { isLast: false }, rate: { perWindow: 60, remaining: 59 } });
    const { value } = await open(portal).requestCustomers(2, attempt);
    expect(value).toEqual({
      number: 2,
      customers: [{ id: "cst_000000000000016", name: "Bakkerij 16" }],
      isLast: true,
    });
  });

  it("gives a customer without a usable name no name, and leaves out one without an id", async () => {
    const data = [
      { id: "cst_1" },
      { id: "cst_2", companyName: "  " },
      { id: "cst_3", companyName: { nl: "Bakkerij" } },
      { id: "__proto__", companyName: "=1+1" },
      { companyName: "Niemand" },
      null,
    ];
    const { value } = await open(await serve(200, { data, next_page_url: null })).requestCustomers(
      1,
      attempt,
    );
    expect(value.customers).toEqual([
      { id: "cst_1", name: null },
      { id: "cst_2", name: null },
      { id: "cst_3", name: null },
      { id: "__proto__", name: "=1+1" },
    ]);
  });

  it("is the last one, and empty, when the portal responds with 404 beyond the end", async () => {
    const portal = open(await serve(404, {}));
    expect((await portal.requestCustomers(2, attempt)).value).toEqual({
      number: 2,
      customers: [],
      isLast: true,
    });
    await expect(portal.requestCustomers(1, attempt)).rejects.toMatchObject({ code: "portal_not_found" });
  });
});

describe("a single customer", () => {
  it("is requested by its id, with any characters in it", async () => {
    const id = "cst/1?x#é";
    const portal = await openTestPortal({ customers: [{ id, companyName: "Bakkerij" }] });
    const visit = await serve(200, { id, companyName: "Bakkerij" });
    expect((await open(visit).requestCustomer(id, attempt)).value).toEqual({ id, name: "Bakkerij" });
    expect(visit.paths).toEqual(["/v1/customers/cst%2F1%3Fx%23%C3%A9"]);
    expect((await open(portal).requestCustomer("cst_2", attempt)).value).toBeNull();
  });

  it("is not confused with another customer", async () => {
    const portal = open(await serve(200, { id: "cst_2", companyName: "Bakkerij" }));
    await expect(portal.requestCustomer("cst_1", attempt)).rejects.toMatchObject({ code: "portal_not_api" });
  });
});

describe("a refused request for customers", () => {
  it.each([
    [403, "portal_scope_missing", "customers.read"],
    [401, "portal_key_refused", "customers.read"],
    [200, "portal_not_api", "GET /customers"],
  ])("with status %i names what is missing", async (status, code, word) => {
    const portal = open(await serve(status, {}));
    for (const request of [portal.requestCustomers(1, attempt), portal.requestCustomer("cst_1", attempt)])
      await expect(request).rejects.toMatchObject({ code, message: expect.stringContaining(word) });
  });

  it("with status 503 may be retried, and names the list", async () => {
    const failure = await open(await serve(503, {}))
      .requestCustomer("cst_1", attempt)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RetryableError);
    expect(String(failure)).toContain("GET /customers answered 503");
  });
});

/** Starts a server that gives the same response to every request. */
async function serve(status: number, body: unknown): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const origin = await listen(server, 0);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `${origin}/v1`, paths };
}
