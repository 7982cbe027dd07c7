import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { routeOperations } from "../../functions/core/contract/openapi-operations.ts";
import { exportKey, filePrefix, shareKey } from "../../functions/core/basics/bucket-keys.ts";
import { maxShares, Share } from "../../functions/core/share/share.ts";
import { describeExportEvent } from "../../functions/core/delivery/webhook-event.ts";
import { spyOnStderr } from "../support/captured-output.ts";
import { listResponseErrors, listSchemaErrors, readOpenApi, serializeOpenApi } from "../support/openapi.ts";
import { makeFailedExport, makeSucceededExport } from "../support/webhook-fixtures.ts";
import { markSecret } from "../support/written-output.ts";
import { listLoadedModules } from "../support/loaded-modules.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { queueExport } from "../support/workflow-runs.ts";
import { changeShare, makeShare } from "../support/share-requests.ts";
import { accessToken, type TestStack } from "../support/test-stack.ts";
import { openVirtualPortal, openVirtualStack } from "../support/virtual-stack.ts";

type Operations = typeof routeOperations;
type RouteName = keyof Operations;
/** The statuses that `cases` must cover for a route. Other tests cover 401 and the default for all routes at once. */
type Status<Name extends RouteName> = Exclude<keyof Operations[Name]["responses"], 401 | "401" | "default">;

const { errors, operations: described, webhooks } = await readOpenApi(serializeOpenApi());

function describedAs(name: string) {
  const operation = described.get(name);
  if (operation === undefined) throw new Error(`${name} is not described`);
  return operation;
}

function exampleOf(name: string): unknown {
  return describedAs(name).requestBody?.content["application/json"]?.example;
}

async function open(settings: Record<string, string> = {}): Promise<TestStack> {
  return await openVirtualStack(await openVirtualPortal({ offers: rawOffers(20) }), settings);
}

type Sent = { id?: string; query?: string; headers?: Record<string, string>; body?: unknown };

const missingId = "zzzzzzzzz-000000000000-000000000000";
const authorization = `Bearer ${accessToken}`;

function call({ ask }: TestStack, name: string, { id = missingId, query = "", headers, body }: Sent = {}) {
  const [method = "", path = ""] = name.split(" ");
  return ask(path.slice(1).replace(/\{\w+\}/, id) + query, {
    method,
    headers: { authorization, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const Made = z.object({ id: z.string(), result: z.object({ file: z.object({ name: z.string() }) }) });

async function make(stack: TestStack) {
  const { id, result } = Made.parse(await (await call(stack, "GET /export")).json());
  return { id, name: result.file.name };
}

type Case = (name: string) => Promise<Response>;

const plain: Case = async (name) => call(await open(), name);
const withoutBucket: Case = async (name) => call(await open({ REPORT_BUCKET: "no-such-bucket" }), name);
const sending =
  (sent: Sent): Case =>
  async (name) =>
    call(await open(), name, sent);
const ofMade: Case = async (name) => {
  const stack = await open();
  return call(stack, name, await make(stack));
};
const ofQueued: Case = async (name) => {
  const stack = await open();
  return call(stack, name, await queueExport(stack.app));
};
const ofCleaned: Case = async (name) => {
  const stack = await open();
  const made = await make(stack);
  await stack.app.bucket.removeAll(filePrefix(made.id));
  return call(stack, name, made);
};

async function share(stack: TestStack) {
  const { id, url } = await makeShare(stack);
  return { id, token: new URL(url).pathname.slice("/s/".length) };
}

const ofShare =
  (part: "id" | "token", headers: Record<string, string> = {}): Case =>
  async (name) => {
    const stack = await open();
    return call(stack, name, { id: (await share(stack))[part], headers });
  };

const noticeSecret = markSecret("portal-webhook-secret-of-the-description");
const notice = { id: "offer-created", headers: { "x-webhook-signature": noticeSecret } };
const expecting = { PORTAL_WEBHOOK_SECRETS: `offer-created=${noticeSecret}` };
const ofNotice =
  (sent: Sent, settings: Record<string, string> = {}): Case =>
  async (name) =>
    call(await open({ ...expecting, ...settings }), name, { ...notice, ...sent });

const browser = { accept: "text/html" };
const keyed = { headers: { "idempotency-key": "one-of-november" } };

/**
 * Functions that make a route answer with a status. There is one for each status of each route in the OpenAPI
 * document.
 */
const cases: { [Name in RouteName]: Record<Status<Name>, Case> } = {
  "GET /": {
    200: plain,
    304: async () => {
      const stack = await open();
      const etag = (await stack.ask("", { headers: browser })).headers.get("etag") ?? "";
      return stack.ask("", { headers: { ...browser, "if-none-match": etag } });
    },
  },
  "GET /export": {
    200: plain,
    202: sending({ headers: { prefer: "respond-async" } }),
    302: sending({ query: "?format=csv&redirect=true" }),
    400: sending({ query: "?format=pdf&status=&maxAge=-1&nonsense=1" }),
    502: async (name) => call(await open({ PORTAL_API_KEY: "another-key" }), name),
  },
  "GET /exports": { 200: plain, 502: withoutBucket },
  "POST /exports": {
    200: sending({ headers: { prefer: "wait=20" } }),
    202: sending({ body: exampleOf("POST /exports") }),
    400: sending({ body: { redirect: true } }),
    410: async (name) => {
      const stack = await open();
      const { id } = z.object({ id: z.string() }).parse(await (await call(stack, name, keyed)).json());
      await stack.runner.finish(id);
      await stack.app.bucket.remove(exportKey(id));
      return call(stack, name, keyed);
    },
    413: sending({ body: "x".repeat(65_536) }),
    415: sending({ headers: { "content-type": "text/csv" }, body: {} }),
    422: async (name) => {
      const stack = await open();
      await call(stack, name, keyed);
      return call(stack, name, { ...keyed, body: { format: "csv" } });
    },
    502: withoutBucket,
  },
  "GET /exports/{id}": { 200: ofMade, 404: plain, 502: withoutBucket },
  "DELETE /exports/{id}": { 204: ofMade, 404: plain, 502: withoutBucket },
  "GET /exports/{id}/file": {
    302: ofMade,
    404: plain,
    409: ofQueued,
    410: ofCleaned,
    502: withoutBucket,
  },
  "GET /shares": { 200: ofShare("id"), 502: withoutBucket },
  "POST /shares": {
    201: sending({ body: exampleOf("POST /shares") }),
    400: sending({ body: { name: "", options: { format: "pdf" }, expiresInDays: 0 } }),
    409: async (name) => {
      const stack = await open();
      const { bucket } = stack.app;
      const { id: known } = await makeShare(stack);
      const stored = await bucket.readJson(shareKey(known), Share);
      const ids = Array.from({ length: maxShares }, (_, index) => index.toString(16).padStart(32, "0"));
      await Promise.all(ids.map((id) => bucket.writeJson(shareKey(id), { ...stored, id })));
      return call(stack, name, { body: exampleOf("POST /shares") });
    },
    413: sending({ body: "x".repeat(65_536) }),
    415: sending({ headers: { "content-type": "text/csv" }, body: {} }),
    502: async (name) =>
      call(await open({ REPORT_BUCKET: "no-such-bucket" }), name, { body: exampleOf("POST /shares") }),
  },
  "DELETE /shares/{id}": {
    204: ofShare("id"),
    404: plain,
    // Uses a storage that cannot be reached. A missing bucket would not cause a 502, because S3 answers HEAD in the
    // same way for a missing bucket and for a missing object.
    502: async (name) =>
      call(await open({ S3_ENDPOINT: "http://127.0.0.1:9" }), name, { id: "0".repeat(32) }),
  },
  "GET /s/{token}": {
    200: ofShare("token", { accept: "application/json" }),
    202: ofShare("token", { accept: "application/json", prefer: "respond-async" }),
    302: ofShare("token"),
    404: plain,
    410: async (name) => {
      const stack = await open();
      const { id, token } = await share(stack);
      await changeShare(stack, id, { expiresAt: new Date().toISOString() });
      return call(stack, name, { id: token });
    },
    502: async (name) => {
      const stack = await open({ PORTAL_API_KEY: "another-key" });
      return call(stack, name, { id: (await share(stack)).token });
    },
    503: ofShare("token", { prefer: "respond-async" }),
  },
  "POST /portal/{type}": {
    204: ofNotice({ body: { offer: "off_named" } }),
    403: ofNotice({ headers: { "x-webhook-signature": "another" } }),
    404: ofNotice({ id: "offer-deleted" }),
    413: ofNotice({ body: "x".repeat(65_536) }),
    502: ofNotice({ body: { offer: "off_named" } }, { REPORT_BUCKET: "no-such-bucket" }),
  },
  "GET /check": { 200: plain },
  "GET /openapi.json": { 200: plain },
};

describe("the API's description", () => {
  it("is valid OpenAPI 3.1", () => {
    expect(errors).toEqual([]);
  });

  it("is the answer of GET /openapi.json", async () => {
    expect(await (await call(await open(), "GET /openapi.json")).json()).toEqual(serializeOpenApi());
  });

  it("describes every route of GET /, and no other", async () => {
    const index = z.object({ routes: z.array(z.string()) });
    const { routes } = index.parse(await (await call(await open(), "GET /")).json());
    expect([...described.keys()].toSorted()).toEqual(routes.toSorted());
  });

  it.each([...described])("declares the parts in braces of %s", (name, { parameters }) => {
    const declared = parameters.filter((parameter) => parameter.in === "path");
    expect(declared.map((parameter) => `{${parameter.name}}`)).toEqual(name.match(/\{\w+\}/g) ?? []);
  });

  it("is loaded only on demand", async () => {
    const loaded = await listLoadedModules("functions/api/router.ts");
    expect(loaded).toContain("functions/core/options/export-options.ts");
    for (const lazy of [
      "contract/openapi-operations",
      "contract/openapi-document",
      "contract/openapi-parts",
      "contract/response-bodies",
      "contract/openapi-examples",
      "check/setup-check",
    ])
      expect(loaded).not.toContain(`functions/core/${lazy}.ts`);
  });

  it("has examples that match their schemas", () => {
    const contents = [...described.values()].flatMap(({ requestBody, responses }) =>
      [requestBody?.content ?? {}, ...Object.values(responses).map(({ content }) => content)].flatMap(
        Object.values,
      ),
    );
    const shown = contents.filter(({ example }) => example !== undefined);
    expect(shown.length).toBeGreaterThan(3);
    for (const { schema, example } of shown) expect(listSchemaErrors(schema, example)).toEqual([]);
  });

  it.each([makeSucceededExport({ totals: { EUR: "12.50" } }), makeFailedExport()])(
    "describes the events that webhooks get: $status",
    (state) => {
      const { schema } = webhooks["exportEnded"]?.["post"]?.requestBody?.content["application/json"] ?? {};
      expect(listSchemaErrors(schema ?? { not: {} }, describeExportEvent(state))).toEqual([]);
    },
  );

  it("names the defaults that the API applies", async () => {
    const stack = await open();
    const { parameters } = describedAs("GET /export");
    const defaults = parameters.filter(({ schema }) => schema.default !== undefined);
    const query = defaults.map(({ name, schema }) => `${name}=${[schema.default].flat().join()}`).join("&");
    expect(query).toContain("format=xlsx&language=nl&status=open,accepted,rejected,expired&customers=true");
    const made = await make(stack);
    expect(await (await call(stack, "GET /export", { query: `?${query}` })).json()).toMatchObject({
      id: made.id,
    });
  });
});

describe("the API as described", () => {
  const all = Object.entries(cases).flatMap(([name, answers]) =>
    Object.entries(answers).map(([status, ask]: [string, Case]) => ({ name, status: Number(status), ask })),
  );

  it.each(all)("answers $name with $status", async ({ name, status, ask }) => {
    const stderr = spyOnStderr();
    const answer = await ask(name);
    stderr.mockRestore();
    expect(answer.status).toBe(status);
    expect(await listResponseErrors(describedAs(name), answer)).toEqual([]);
  });

  it("answers a browser with the page", async () => {
    const stack = await open();
    const { token } = await share(stack);
    const waiting = { ...browser, prefer: "respond-async" };
    const asked: [name: string, path: string, headers: Record<string, string>][] = [
      ["GET /", "", browser],
      ["GET /s/{token}", `s/${token}`, waiting],
      ["GET /s/{token}", "s/nonsense", browser],
    ];
    for (const [name, path, headers] of asked) {
      const answer = await stack.ask(path, { headers });
      expect(answer.headers.get("content-type")).toContain("text/html");
      expect(await listResponseErrors(describedAs(name), answer)).toEqual([]);
    }
  });

  it("refuses callers without a token at every route that declares 401", async () => {
    const stack = await open();
    const guarded = [...described].filter(([, { responses }]) => responses["401"] !== undefined);
    expect(guarded).toHaveLength(described.size - 2);
    for (const [name, operation] of guarded) {
      const answer = await call(stack, name, { headers: { authorization: "Bearer wrong" } });
      expect(answer.status).toBe(401);
      expect(await listResponseErrors(operation, answer)).toEqual([]);
    }
  });

  it("refuses other methods, and lists those of the path", async () => {
    const stack = await open();
    for (const [name, operation] of described) {
      const [method = "", path = ""] = name.split(" ");
      const answer = await call(stack, `PATCH ${path}`);
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")?.split(", ")).toContain(method);
      expect(await listResponseErrors(operation, answer)).toEqual([]);
    }
  });

  it("answers a bug with the described default problem", async () => {
    const stderr = spyOnStderr();
    const stack = await open();
    await stack.app.bucket.writeBytes(exportKey(missingId), "{", { contentType: "application/json" });
    const answer = await call(stack, "GET /exports/{id}");
    stderr.mockRestore();
    expect(answer.status).toBe(500);
    expect(await listResponseErrors(describedAs("GET /exports/{id}"), answer)).toEqual([]);
  });
});
