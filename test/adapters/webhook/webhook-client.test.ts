import { createServer, type RequestListener } from "node:http";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  postWebhook,
  signEvent,
  type WebhookOptions,
} from "../../../functions/adapters/webhook/webhook-client.ts";
import type { ResolveHost } from "../../../functions/adapters/webhook/webhook-receivers.ts";
import {
  describeExportEvent,
  formatWebhookEventId,
  type Webhook,
} from "../../../functions/core/delivery/webhook-event.ts";
import { listen } from "../../../local/loopback-server.ts";
import { makeSucceededExport, makeWebhookSecret, verifyWebhook } from "../../support/webhook-fixtures.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { openWebhookReceiver, receiverHost, resolveTo } from "../../support/webhook-receiver.ts";
import { openSilentServer } from "../../support/unreliable-servers.ts";

const event = describeExportEvent(makeSucceededExport());
const secret = makeWebhookSecret();
const key = "key-in-the-address";

function makeHook(url: string): Webhook {
  return { id: "0123456789ab", url: `${url}?key=${key}` };
}

const sending: WebhookOptions = {
  secrets: [secret],
  now: Date.now,
  allowLoopback: true,
  resolve: resolveTo("127.0.0.1"),
};

type Target = { url: string; ca?: string | undefined };

function post({ url, ca }: Target, changes: Partial<WebhookOptions> = {}) {
  return postWebhook(makeHook(url), event, { ...sending, ...(ca !== undefined && { ca }), ...changes });
}

function atAddress(port: string): Target {
  return { url: `https://${receiverHost}:${port}/hook` };
}

const accept: RequestListener = (_request, response) => response.writeHead(204).end();

describe("a webhook", () => {
  it("receives the event over TLS, with a signature that the library of Standard Webhooks accepts", async () => {
    const receiver = await openWebhookReceiver(accept);
    expect(await post(receiver)).toEqual({ kind: "sent", messageId: null });
    const [request = expect.fail("nothing came")] = receiver.received;
    expect(request).toMatchObject({ method: "POST", path: `/hook?key=${key}` });
    expect(request.headers).toMatchObject({
      host: `${receiverHost}:${receiver.port}`,
      "content-type": "application/json",
      "webhook-id": formatWebhookEventId(event, makeHook(receiver.url)),
      connection: "close",
    });
    expect(verifyWebhook(secret, request)).toEqual(event);
  });

  it("receives the same event with the same id at each try, with a new signature", async () => {
    const receiver = await openWebhookReceiver(accept);
    await post(receiver);
    await post(receiver, { now: () => Date.now() + 60_000 });
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    expect(receiver.connections()).toBe(2);
  });

  it("receives no request by a redirect", async () => {
    const receiver = await openWebhookReceiver((_request, response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    expect(await post(receiver)).toEqual({
      kind: "lost",
      reason: "The receiver answered 307.",
      retryAfterMs: null,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it("may ask for a pause in seconds", async () => {
    const receiver = await openWebhookReceiver((_request, response) =>
      response.writeHead(429, { "retry-after": "120" }).end(),
    );
    const now = () => 1_700_000_000_000;
    const outcome = { kind: "lost", reason: "The receiver answered 429.", retryAfterMs: 120_000 };
    expect(await post(receiver, { now })).toEqual(outcome);
  });

  it.each([
    ["by our clock", 0],
    ["by its own clock, which is ahead", 3_600_000],
    ["by its own clock, which is behind", -3_600_000],
  ])("may ask for a pause until a date, %s", async (_title, aheadMs) => {
    const nowMs = 1_700_000_000_000;
    const receiver = await openWebhookReceiver((_request, response) => {
      const date = new Date(nowMs + aheadMs).toUTCString();
      const retryAfter = new Date(nowMs + aheadMs + 7_200_000).toUTCString();
      response.writeHead(503, { date, "retry-after": retryAfter }).end();
    });
    expect(await post(receiver, { now: () => nowMs })).toMatchObject({ retryAfterMs: 7_200_000 });
  });

  it("that answers 410 is not retried", async () => {
    const receiver = await openWebhookReceiver((_request, response) => response.writeHead(410).end());
    expect(await post(receiver)).toEqual({ kind: "refused", reason: "The receiver answered 410." });
  });

  it("with an endless response has received the event, and the rest is not read", async () => {
    let sent = 0;
    const { promise: ended, resolve: end } = Promise.withResolvers<number>();
    const chunk = Buffer.alloc(65_536);
    function* flood() {
      for (; ; sent += chunk.length) yield chunk;
    }
    const receiver = await openWebhookReceiver((_request, response) => {
      const flooding = Readable.from(flood());
      flooding.pipe(response.writeHead(200));
      response.on("close", () => {
        flooding.destroy();
        end(sent);
      });
    });
    expect(await post(receiver)).toEqual({ kind: "sent", messageId: null });
    expect(await ended).toBeLessThan(16_000_000);
  });

  it.each([
    ["answers nothing", () => undefined],
    [
      "answers without an end to its headers",
      (_: unknown, response: Parameters<RequestListener>[1]) =>
        void response.socket?.write("HTTP/1.1 200 OK\r\n"),
    ],
  ])("that %s runs into the timeout", async (_, answer) => {
    const receiver = await openWebhookReceiver(answer);
    const reason = "The receiver gave no answer within 0.2 seconds.";
    expect(await post(receiver, { timeoutMs: 200 })).toEqual({ kind: "lost", reason, retryAfterMs: null });
  });

  it("that accepts a connection and stays silent runs into the timeout", async () => {
    const { port } = new URL(await openSilentServer());
    const outcome = await post(atAddress(port), { timeoutMs: 200 });
    expect(outcome).toMatchObject({
      kind: "lost",
      reason: "The receiver gave no answer within 0.2 seconds.",
    });
  });

  it("that cuts the connection or does not exist is retried", async () => {
    const receiver = await openWebhookReceiver((request) => request.socket.destroy());
    const lost = (code: string) => ({
      kind: "lost",
      reason: `The receiver could not be reached (${code}).`,
      retryAfterMs: null,
    });
    expect(await post(receiver)).toEqual(lost("ECONNRESET"));
    expect(await post(atAddress("1"))).toEqual(lost("ECONNREFUSED"));
  });

  it("with an unknown host name is retried", async () => {
    const { resolve: _, ...asked } = sending;
    // Names under `.invalid` never exist: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    const outcome = await postWebhook(makeHook("https://hooks.invalid/"), event, asked);
    expect(JSON.stringify(outcome)).toMatch(/could not be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it("with too many headers is not read", async () => {
    const receiver = await openWebhookReceiver((_request, response) =>
      response.writeHead(200, { "x-long": "x".repeat(100_000) }).end(),
    );
    expect(await post(receiver)).toMatchObject({ kind: "lost" });
  });

  it("receives nothing without a trusted certificate for its name", async () => {
    const receiver = await openWebhookReceiver(accept);
    const unknown = await post({ ...receiver, ca: undefined });
    expect(unknown).toMatchObject({
      kind: "lost",
      reason: "The receiver could not be reached (DEPTH_ZERO_SELF_SIGNED_CERT).",
    });
    const url = receiver.url.replace(receiverHost, "other.example");
    const other = await post({ ...receiver, url });
    expect(other).toMatchObject({
      kind: "lost",
      reason: "The receiver could not be reached (ERR_TLS_CERT_ALTNAME_INVALID).",
    });
    expect(receiver.received).toEqual([]);
  });

  it("on this machine is reached without TLS only if that is allowed", async () => {
    let count = 0;
    const receiver = createServer((request, response) => {
      count += 1;
      accept(request, response);
    });
    onTestFinished(() => void receiver.close());
    const url = `${await listen(receiver, 0)}/hook`;
    expect(await post({ url })).toEqual({ kind: "sent", messageId: null });
    expect(await post({ url }, { allowLoopback: false })).toEqual(inside);
    expect(count).toBe(1);
  });
});

const inside = {
  kind: "lost",
  reason: "The receiver is within a network, where nothing is sent to.",
  retryAfterMs: null,
};

describe("a webhook inside the network", () => {
  it.each([
    ["this machine's", ["127.0.0.1"]],
    ["this machine's in IPv6", ["::1"]],
    ["a private one", ["10.0.0.8"]],
    ["that of the machine's metadata", ["169.254.169.254"]],
    ["a private one in IPv6's clothes", ["::ffff:10.0.0.8"]],
    ["a private one beside one outside", ["2d00::1", "127.0.0.1"]],
    ["a private one before one outside", ["127.0.0.1", "2d00::1"]],
  ])("receives nothing under a name that resolves to %s", async (_, addresses) => {
    const receiver = await openWebhookReceiver(accept);
    const asked = { allowLoopback: false, resolve: resolveTo(...addresses) };
    expect(await post(receiver, asked)).toEqual(inside);
    expect(receiver.connections()).toBe(0);
  });

  it.each(["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1", "localhost"])(
    "receives nothing under the notation %s",
    async (host) => {
      const receiver = await openWebhookReceiver(accept);
      const url = `https://${host}:${receiver.port}/`;
      const { resolve: _, ...asked } = { ...sending, ca: receiver.ca, allowLoopback: false };
      expect(await postWebhook(makeHook(url), event, asked)).toEqual(inside);
      expect(receiver.connections()).toBe(0);
    },
  );

  it("receives nothing under a name that resolves to a public address first, and then to a private one", async () => {
    const receiver = await openWebhookReceiver(accept);
    let asked = 0;
    // 2d00::1 is a public address that is assigned to nobody, so nothing answers there.
    const resolve: ResolveHost = (...given) => resolveTo(asked++ === 0 ? "2d00::1" : "127.0.0.1")(...given);
    const outcome = await post(receiver, { allowLoopback: false, resolve, timeoutMs: 500 });
    expect(outcome).toMatchObject({ kind: "lost" });
    expect(outcome).not.toEqual(inside);
    expect(asked).toBe(1);
    expect(receiver.connections()).toBe(0);
  });
});

it("no outcome and no log contains a webhook's address or a secret", async () => {
  const output = captureOutput();
  const receiver = await openWebhookReceiver(accept);
  const cutting = await openWebhookReceiver((request) => request.socket.destroy());
  const failing: ResolveHost = (host, _options, found) =>
    found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }));
  const outcomes = [
    await post(receiver),
    await post({ ...receiver, ca: undefined }),
    await post(receiver, { allowLoopback: false }),
    await post(receiver, { resolve: failing }),
    await post(cutting),
    await post(atAddress("1")),
  ];
  expect(outcomes[3]).toMatchObject({
    kind: "lost",
    reason: "The receiver could not be reached (ENOTFOUND).",
  });
  const exposed = `${JSON.stringify(outcomes)}${output()}`;
  for (const hidden of [secret, key, receiverHost, "127.0.0.1"]) expect(exposed).not.toContain(hidden);
});

const anyId = fc.stringMatching(/^[a-z0-9-]{1,60}$/);
const anyJson = fc.string({ unit: "binary" }).map((text) => JSON.stringify(text));

/** Signs the event with the current time. Returns the headers and the body as a receiver gets them. */
function receive({ id, body }: { id: string; body: string }, secrets: string[]) {
  const seconds = Math.floor(Date.now() / 1000);
  const signature = signEvent({ id, seconds, body }, secrets);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signature,
  };
  return { headers, body };
}

it("a signature is valid by Standard Webhooks, for any event", () => {
  fc.assert(
    fc.property(anyId, anyJson, (id, body) => {
      const received = receive({ id, body }, [secret]);
      expect(verifyWebhook(secret, received)).toBe(JSON.parse(body));
      expect(() => verifyWebhook(makeWebhookSecret(), received)).toThrow("No matching signature");
    }),
  );
});

it("a signature changes with any byte of the id, the time or the body", () => {
  const inAscii = fc.record({ id: anyId, seconds: fc.nat(), body: fc.string({ minLength: 1 }) });
  fc.assert(
    fc.property(inAscii, fc.nat(), fc.integer({ min: 1, max: 127 }), (signed, place, by) => {
      const changes = [
        { id: changeByte(signed.id, place, by) },
        { seconds: signed.seconds + by },
        { body: changeByte(signed.body, place, by) },
      ];
      for (const change of changes)
        expect(signEvent({ ...signed, ...change }, [secret])).not.toBe(signEvent(signed, [secret]));
    }),
  );
});

function changeByte(text: string, place: number, by: number): string {
  const bytes = Buffer.from(text, "latin1");
  const at = place % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(at) ^ by, at);
  return bytes.toString("latin1");
}

it("two secrets give two signatures, and either verifies", () => {
  const both = [makeWebhookSecret(), makeWebhookSecret()];
  const received = receive({ id: "an-id", body: `"a body"` }, both);
  expect(received.headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
  for (const one of both) expect(verifyWebhook(one, received)).toBe("a body");
});
