import { once } from "node:events";
import { request, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Context, LambdaFunctionURLEvent } from "aws-lambda";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  startFunctionUrl,
  type FunctionUrl,
  type UrlHandler,
  type FunctionUrlOptions,
} from "../../../local/function-url/url-server.ts";

const nowMs = Date.UTC(2026, 0, 2, 15, 4, 5, 678);

let front: FunctionUrl;

async function start(handler: UrlHandler, options: Partial<FunctionUrlOptions> = {}): Promise<void> {
  front = await startFunctionUrl({ port: 0, handler, functionName: "http", ...options });
}

/** Sends a request and returns the event that the handler receives. */
async function catchEvent(path: string, init: RequestInit = {}): Promise<LambdaFunctionURLEvent> {
  const caught: LambdaFunctionURLEvent[] = [];
  await start((event) => caught.push(event), { clock: () => nowMs });
  await fetch(new URL(path, front.url), init);
  const [event] = caught;
  if (event === undefined) throw new Error("the handler was not called");
  return event;
}

/** Sends a request with node:http, because fetch would change headers and paths. */
async function send(path: string, options: RequestOptions = {}, body = ""): Promise<IncomingMessage> {
  const call = request(front.url, { path, agent: false, ...options });
  call.end(body);
  return new Promise((resolve, reject) => {
    call.on("response", resolve);
    call.on("error", reject);
  });
}

/** Returns the status, content type and body of the function URL's answer with this handler. */
async function answer(handler: UrlHandler): Promise<unknown[]> {
  await start(handler);
  const response = await fetch(front.url);
  return [response.status, response.headers.get("content-type"), await response.text()];
}

afterEach(async () => {
  vi.restoreAllMocks();
  await front.stop();
});

describe("the event", () => {
  test("has the form of payload 2.0", async () => {
    const event = await catchEvent("exports/1?a=1", { headers: { "user-agent": "tester" } });
    const { requestId } = event.requestContext;
    const host = new URL(front.url).host;
    expect(requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(event).toEqual({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/exports/1",
      rawQueryString: "a=1",
      headers: expect.objectContaining({ host, "user-agent": "tester" }),
      queryStringParameters: { a: "1" },
      requestContext: {
        accountId: "anonymous",
        apiId: "http",
        authentication: null,
        authorizer: null,
        domainName: host,
        domainPrefix: "http",
        http: {
          method: "GET",
          path: "/exports/1",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "tester",
        },
        requestId,
        routeKey: "$default",
        stage: "$default",
        time: "02/Jan/2026:15:04:05 +0000",
        timeEpoch: nowMs,
      },
      isBase64Encoded: false,
    });
  });

  test("keeps the path percent-encoded, and the query as it was sent", async () => {
    const event = await catchEvent("a%2Fb/%C3%A9%20?q=%20x+y%2B&r=a?b&empty");
    expect(event.rawPath).toBe("/a%2Fb/%C3%A9%20");
    expect(event.rawQueryString).toBe("q=%20x+y%2B&r=a?b&empty");
    expect(event.queryStringParameters).toEqual({ q: " x y+", r: "a?b", empty: "" });
  });

  test("joins repeated parameters by commas", async () => {
    const { queryStringParameters } = await catchEvent("?status=open&x=1&status=accepted");
    expect(queryStringParameters).toEqual({ status: "open,accepted", x: "1" });
  });

  test("has neither parameters nor cookies nor a body when none were sent", async () => {
    const event = await catchEvent("");
    expect(event.rawQueryString).toBe("");
    expect(event).not.toHaveProperty("queryStringParameters");
    expect(event).not.toHaveProperty("cookies");
    expect(event).not.toHaveProperty("body");
  });

  test("has lower-case headers, repeated ones joined by commas", async () => {
    const caught: LambdaFunctionURLEvent[] = [];
    await start((event) => caught.push(event));
    await send("/", { headers: { "X-Custom": ["one", "two"], Prefer: "wait=5", Connection: "close" } });
    expect(caught[0]?.headers).toMatchObject({ "x-custom": "one,two", prefer: "wait=5" });
    expect(Object.keys(caught[0]?.headers ?? {})).not.toContain("connection");
  });

  test("has the cookies one by one, and their header", async () => {
    const event = await catchEvent("", { headers: { cookie: "a=1; b=2;c=3" } });
    expect(event.cookies).toEqual(["a=1", "b=2", "c=3"]);
    expect(event.headers["cookie"]).toBe("a=1; b=2;c=3");
  });

  test("has the headers that AWS adds: the caller's address, protocol, port and trace", async () => {
    const event = await catchEvent("", { headers: { "x-forwarded-for": "192.0.2.1" } });
    expect(event.headers).toMatchObject({
      "x-forwarded-for": "192.0.2.1, 127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-port": new URL(front.url).port,
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-6957de65-[0-9a-f]{24}$/),
    });
  });

  test.each(["text/plain", "application/json; charset=utf-8", "application/javascript", "application/xml"])(
    "has a body of %s as text",
    async (type) => {
      const headers = { "content-type": type };
      const { body, isBase64Encoded } = await catchEvent("", { method: "POST", headers, body: "€ 1" });
      expect([body, isBase64Encoded]).toEqual(["€ 1", false]);
    },
  );

  test.each(["application/octet-stream", "application/x-www-form-urlencoded", "application/jsonlines"])(
    "has a body of %s in base64",
    async (type) => {
      const sent = { method: "POST", headers: { "content-type": type }, body: Buffer.from([0, 255, 128]) };
      const { body, isBase64Encoded } = await catchEvent("", sent);
      expect([body, isBase64Encoded]).toEqual(["AP+A", true]);
    },
  );
});

describe("a body", () => {
  test("of 6 MB with its event is too large, and never reaches the handler", async () => {
    let calls = 0;
    await start(() => (calls += 1));
    const sendBytes = async (bytes: number) => {
      const headers = { "content-type": "text/plain" };
      return (await fetch(front.url, { method: "POST", headers, body: "a".repeat(bytes) })).status;
    };
    expect(await sendBytes(6 * 1024 * 1024 - 4096)).toBe(200);
    expect(await sendBytes(6 * 1024 * 1024)).toBe(413);
    expect(await sendBytes(20 * 1024 * 1024)).toBe(413);
    expect(calls).toBe(1);
  });

  test("counts as base64 where it is sent as such", async () => {
    await start(() => "ok");
    const response = await fetch(front.url, { method: "POST", body: Buffer.alloc(5 * 1024 * 1024) });
    expect(response.status).toBe(413);
  });
});

describe("the context", () => {
  test("names the function and counts down to its end", async () => {
    const caught: Context[] = [];
    const remainingMs: number[] = [];
    let clockMs = nowMs;
    const handler: UrlHandler = (event, context) => {
      remainingMs.push(context.getRemainingTimeInMillis());
      clockMs += 2000;
      remainingMs.push(context.getRemainingTimeInMillis());
      caught.push(context);
      return event.requestContext.requestId;
    };
    await start(handler, { clock: () => clockMs });
    const response = await fetch(front.url);
    expect(remainingMs).toEqual([900_000, 898_000]);
    expect(caught[0]).toMatchObject({ functionName: "http", awsRequestId: await response.json() });
    expect(response.headers.get("x-amzn-requestid")).toBe(caught[0]?.awsRequestId);
  });
});

describe("the answer", () => {
  test("follows status, headers and body", async () => {
    await start(() => ({
      statusCode: 404,
      headers: {
        "Content-Type": "application/problem+json",
        "Retry-After": 3,
        "Content-Length": "1",
        Connection: "close",
      },
      body: '{"é":1}',
    }));
    const response = await fetch(front.url);
    expect(response.status).toBe(404);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/problem+json",
      "retry-after": "3",
      "content-length": "8",
      connection: "keep-alive",
    });
    expect(await response.text()).toBe('{"é":1}');
  });

  test("sets each cookie by itself", async () => {
    const cookies = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"];
    await start(() => ({ statusCode: 200, cookies, body: "" }));
    expect((await fetch(front.url)).headers.getSetCookie()).toEqual(cookies);
  });

  test("redirects without being followed", async () => {
    await start(() => ({ statusCode: 302, headers: { location: "https://example.com/a" } }));
    const response = await fetch(front.url, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "https://example.com/a"]);
  });

  test("decodes base64", async () => {
    const body = Buffer.from([0, 255, 128]);
    await start(() => ({ statusCode: 200, body: body.toString("base64"), isBase64Encoded: true }));
    expect(Buffer.from(await (await fetch(front.url)).arrayBuffer())).toEqual(body);
  });

  test.each([
    [{ message: "hello" }, '{"message":"hello"}'],
    ["hello", '"hello"'],
    [undefined, "null"],
  ])("without a status is 200 and JSON: %j", async (result, body) => {
    expect(await answer(() => result)).toEqual([200, "application/json", body]);
  });

  test("is sent as JSON when it names no content type", async () => {
    expect(await answer(() => ({ statusCode: 201, body: "{}" }))).toEqual([201, "application/json", "{}"]);
  });

  test("to HEAD has the headers of the body, without it", async () => {
    await start((event) => ({ statusCode: 200, body: event.requestContext.http.method }));
    const response = await send("/", { method: "HEAD" });
    expect([response.headers["content-length"], await text(response)]).toEqual(["4", ""]);
  });

  test.each([
    ["a status that is none", { statusCode: "ok" }],
    ["a status out of range", { statusCode: 99 }],
    ["a body that is no text", { statusCode: 200, body: { a: 1 } }],
    ["headers that are none", { statusCode: 200, headers: ["a"] }],
    ["a header of many values", { statusCode: 200, headers: { a: ["b", "c"] } }],
    ["a header that breaks the line", { statusCode: 200, headers: { a: "b\r\nc: d" } }],
    ["cookies that are no list", { statusCode: 200, cookies: "a=1" }],
    ["more than 6 MB", { statusCode: 200, body: "a".repeat(6 * 1024 * 1024 + 100) }],
  ])("to %s is 502", async (_, result) => {
    vi.spyOn(console, "error").mockReturnValue();
    expect(await answer(() => result)).toEqual([502, "text/plain", "Internal Server Error"]);
  });

  test("to an error is 502, with one line on stderr that quotes nothing", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    await start(() => JSON.parse("token-1234"));
    const response = await fetch(`${front.url}s/token-1234?key=token-1234`);
    expect([response.status, await response.text()]).toEqual([502, "Internal Server Error"]);
    expect(logged.mock.calls).toEqual([[expect.stringMatching(/^http [0-9a-f-]{36}: SyntaxError at .+$/)]]);
    expect(logged.mock.calls.flat().join()).not.toContain("token-1234");
  });

  test("to a thrown value that is not an error is 502, and does not quote the value", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    await start(async () => Promise.reject("token-1234"));
    expect((await fetch(front.url)).status).toBe(502);
    expect(logged.mock.calls).toEqual([[expect.stringMatching(/^http [0-9a-f-]{36}: threw a string$/)]]);
  });

  test("to an invocation out of time is 502", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    await start(async () => new Promise(() => undefined), { timeoutMs: 1 });
    expect((await fetch(front.url)).status).toBe(502);
    expect(logged.mock.calls.flat().join()).toContain("TimeoutError");
  });
});

describe("the server", () => {
  test("has a URL as Lambda gives it", async () => {
    await start(() => "ok");
    expect(front.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test("refuses a port that is taken", async () => {
    await start(() => "ok");
    const port = Number(new URL(front.url).port);
    await expect(startFunctionUrl({ port, handler: () => "ok", functionName: "http" })).rejects.toThrow(
      "EADDRINUSE",
    );
  });

  test("answers running requests before it stops", async () => {
    const called = Promise.withResolvers<void>();
    const released = Promise.withResolvers<string>();
    await start(async () => {
      called.resolve();
      return released.promise;
    });
    const answered = fetch(front.url).then(async (response) => response.text());
    await called.promise;
    const stopped = front.stop();
    await expect(fetch(front.url)).rejects.toThrow("fetch failed");
    released.resolve("done");
    expect(await answered).toBe('"done"');
    await stopped;
  });

  test("stops despite a connection without requests", async () => {
    await start(() => "ok");
    const idle = connect(Number(new URL(front.url).port), "127.0.0.1");
    await once(idle, "connect");
    await fetch(front.url);
    await Promise.all([front.stop(), once(idle, "close")]);
    await expect(fetch(front.url)).rejects.toThrow("fetch failed");
  });

  test("survives a caller that disconnects", async () => {
    const called = Promise.withResolvers<void>();
    const released = Promise.withResolvers<string>();
    await start(async (event) => {
      if (event.rawPath === "/") return "still there";
      called.resolve();
      return released.promise;
    });
    const leaving = new AbortController();
    const left = fetch(`${front.url}slow`, { signal: leaving.signal });
    await called.promise;
    leaving.abort();
    await expect(left).rejects.toThrow("aborted");
    expect(await (await fetch(front.url)).json()).toBe("still there");
    released.resolve("late");
    expect(await (await fetch(front.url)).json()).toBe("still there");
  });
});
