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
  /** Its address by the name that its certificate has. */
  url: string;
  /** The certificate, which nobody but itself has signed. */
  ca: string;
  received: ReceivedWebhook[];
  /** How many connections were made. */
  connections: () => number;
};

let made: ReturnType<typeof generate> | undefined;

/** One for all tests of a file, since a key takes a while. */
function makeCertificate() {
  return (made ??= generate([{ name: "commonName", value: receiverHost }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: receiverHost }] }],
  }));
}

/** A real receiver of webhooks on loopback, over TLS; ends with the test. `answer` is given what was received whole. */
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

/** Answers as a name server that has these addresses for every name. */
export function resolveTo(...addresses: string[]): ResolveHost {
  return (_host, _options, found) =>
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
}
