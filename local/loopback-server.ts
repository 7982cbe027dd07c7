import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as NetServer } from "node:net";
import { finished } from "node:stream/promises";

type Loopback = { origin: string; isBusy: () => boolean; stop: () => Promise<void> };

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts an HTTP server on loopback. `stop` waits for running requests. Port 0 takes any free port. */
export async function startLoopback(port: number, answer: Answer): Promise<Loopback> {
  const running = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const sent = finished(response).catch(() => response.destroy());
    const ended = Promise.all([answer(request, response), sent]).finally(() => running.delete(ended));
    running.add(ended);
  });
  const origin = await listen(server, port);
  const close = async () => {
    const closed = once(server, "close");
    server.close();
    await Promise.allSettled(running);
    server.closeAllConnections();
    await closed;
  };
  let closing: Promise<void> | undefined;
  return { origin, isBusy: () => running.size > 0, stop: () => (closing ??= close()) };
}

/** Makes a server listen on loopback. Returns the server's origin, such as `http://127.0.0.1:4000`. */
export async function listen(server: NetServer, port: number): Promise<string> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return findOrigin(server);
}

export function findOrigin(server: NetServer): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** Stops a server, and closes running connections instead of waiting for them. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** True for the error of a server whose port another program uses. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
