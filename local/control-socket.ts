import { readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { startLoopback } from "./loopback-server.ts";
import { makeSecret } from "./stack-settings.ts";
import { AskedTick } from "./control-socket--ticker.ts";

/** Left in the folder of a stack that runs, for its own user. */
const Key = z.object({ url: z.string(), secret: z.string() });

/** The exports of a tick, and how to follow them. */
export const Ticked = z.object({ url: z.string(), accessToken: z.string(), ids: z.array(z.string()) });
export type Ticked = z.infer<typeof Ticked>;

/** By which another process has a running stack take a tick. */
export async function openControlSocket(
  directory: string,
  take: (asked: AskedTick) => Promise<Ticked>,
): Promise<{ stop: () => Promise<void> }> {
  const secret = makeSecret();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.authorization !== secret) return void response.writeHead(401).end();
    try {
      response.end(JSON.stringify(await take(AskedTick.parse(await json(request)))));
    } catch (error) {
      response.writeHead(400).end(error instanceof Error ? error.message : "");
    }
  };
  const { origin, stop } = await startLoopback(0, answer);
  const path = keyPath(directory);
  await rm(path, { force: true });
  await writeFile(path, JSON.stringify({ url: origin, secret }), { mode: 0o600 });
  return {
    stop: async () => {
      await rm(path, { force: true });
      await stop();
    },
  };
}

/** Null when no stack runs in the folder. */
export async function askRunningStack(directory: string, asked: AskedTick): Promise<Ticked | null> {
  const text = await readFile(keyPath(directory), "utf8").catch(() => null);
  if (text === null) return null;
  const { url, secret } = Key.parse(JSON.parse(text));
  const body = JSON.stringify(asked);
  // One that was killed has left its key behind.
  const response = await fetch(url, { method: "POST", headers: { authorization: secret }, body }).catch(
    () => null,
  );
  if (response === null) return null;
  if (!response.ok) throw new Error(await response.text());
  return Ticked.parse(await response.json());
}

const keyPath = (directory: string) => join(directory, "door.json");
