import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "../../local/loopback-server.ts";
import { connectionError, makeServiceError, readCommand } from "../simulation/s3-commands.ts";
import { describeHttpRequest } from "./virtual-bucket.ts";
import { findWorld, type SendCommand, useWorld } from "./virtual-world.ts";

/**
 * What the proxy does with a request: it passes the request on, refuses it with 503, forbids it with 403, or passes
 * it on and loses the answer.
 */
export type ProxyAction = "pass" | "refuse" | "forbid" | "lose";

type DecideRequest = (
  asked: Pick<IncomingMessage, "method" | "url" | "headers">,
) => ProxyAction | Promise<ProxyAction>;

/**
 * Starts a proxy to the server at `endpoint`. Each request waits for the result of `decide`. The proxy stops with the
 * test. In a virtual world, the server is a bucket.
 */
export async function openProxy(endpoint: string, decide: DecideRequest): Promise<string> {
  const virtual = findWorld()?.openS3Proxy(endpoint, (command, passOn) =>
    meetCommand(command, passOn, decide),
  );
  if (virtual != null) return virtual;
  const proxy = createServer((asked, answer) => void handle(asked, answer));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  async function handle(asked: IncomingMessage, answer: ServerResponse) {
    pass(asked, answer, await decide(asked));
  }

  function pass(asked: IncomingMessage, answer: ServerResponse, fate: ProxyAction) {
    if (fate === "refuse") return answer.writeHead(503).end();
    if (fate === "forbid") return answer.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    const { method, url = "/", headers } = asked;
    const passed = request(new URL(url, endpoint), { method, headers }, (given) => {
      if (fate === "lose") return given.resume().on("end", () => answer.destroy());
      answer.writeHead(given.statusCode ?? 500, given.headers);
      return given.pipe(answer);
    });
    return asked.pipe(passed);
  }

  return await listen(proxy, 0);
}

/** Starts a server that accepts connections and never answers. Returns its address. The server stops with the test. */
export function openSilentServer(): Promise<string> {
  const server = createTcpServer((socket) => {
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  return listen(server, 0);
}

/** The SDK's default of tries, and a pause between them. */
const maxTries = 3;
const pauseMs = 100;

/** Treats a command in a virtual world as the proxy treats a request. Like the SDK, tries again after some failures. */
async function meetCommand(command: unknown, passOn: SendCommand, decide: DecideRequest): Promise<unknown> {
  const asked = describeHttpRequest(readCommand(command));
  for (let tries = 1; ; tries += 1) {
    const action = await decide(asked);
    if (action === "pass") return await passOn(command);
    if (action === "forbid") throw makeServiceError(403, "AccessDenied");
    if (action === "lose") await passOn(command).catch(() => undefined);
    if (tries === maxTries)
      throw action === "lose" ? connectionError("ECONNRESET") : makeServiceError(503, "SlowDown");
    await useWorld().clock.sleep(pauseMs);
  }
}
