import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";
import { onTestFinished } from "vitest";
import type { ResolveHost } from "../../functions/adapters/webhook/webhook-receivers.ts";
import { listen } from "../../local/loopback-server.ts";

export const receiverHost = "hooks.example";

export type ReceivedWebhook = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

export type WebhookReceiver = {
  port: number;
  /** The receiver's URL, with the host name that is in the certificate. */
  url: string;
  /** The receiver's self-signed certificate. */
  ca: string;
  received: ReceivedWebhook[];
  /** Returns the number of connections that were made to the receiver. */
  connections: () => number;
};

let made: ReturnType<typeof generate> | undefined;

/** Makes one certificate for all tests of a file, because making a key is slow. */
function makeCertificate() {
  return (made ??= generate([{ name: "commonName", value: receiverHost }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: receiverHost }] }],
  }));
}

/**
 * Starts a webhook receiver on loopback, over TLS. The receiver stops with the test. `answer` runs after the whole
 * body has been received.
 */
export async function openWebhookReceiver(answer: RequestListener): Promise<WebhookReceiver> {
  const { private: key, cert } = await makeCertificate();
  const received: ReceivedWebhook[] = [];
  let connections = 0;
  const server = createServer({ key, cert }, (request, response) => {
    const { method = "", url: path = "", headers } = request;
    void text(request).then((body) => {
      received.push({ method, path, headers, body });
      return answer(request, response);
    });
  });
  server.on("connection", () => (connections += 1));
  const { port } = new URL(await listen(server, 0));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    port: Number(port),
    url: `https://${receiverHost}:${port}/hook`,
    ca: cert,
    received,
    connections: () => connections,
  };
}

/** Makes a resolver of host names that finds these addresses for every name. */
export function resolveTo(...addresses: string[]): ResolveHost {
  return (_host, _options, found) =>
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
}
