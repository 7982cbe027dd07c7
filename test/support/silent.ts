import { createServer } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "../../local/loopback-server.ts";

/** Takes connections and says nothing; ends with the test. Gives its address. */
export function openSilentServer(): Promise<string> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  return listen(server, 0);
}
