import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "../../local/loopback-server.ts";

/**
 * What the proxy does with a request: it passes the request on, refuses it with 503, forbids it with 403, or passes
 * it on and loses the answer.
 */
export type ProxyAction = "pass" | "refuse" | "forbid" | "lose";

/**
 * Starts a proxy to the server at `endpoint`. Each request waits for the result of `decide`. The proxy stops with the
 * test.
 */
export async function openProxy(
  endpoint: string,
  decide: (asked: IncomingMessage) => ProxyAction | Promise<ProxyAction>,
): Promise<string> {
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
