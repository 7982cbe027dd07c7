import { createRequire } from "node:module";
import type { Server } from "node:http";
import * as z from "zod";
import { closeServer, findOrigin } from "./loopback-server.ts";

type Emulator = { default: (address: { host: string; port: number }) => Promise<Server> };

// A CommonJS module whose default export Node does not find by `import`.
const emulator: Emulator = createRequire(import.meta.url)("aws-ses-v2-local");

/** A mail as the emulator stores it. */
const Mail = z.object({
  messageId: z.string(),
  from: z.string(),
  destination: z.object({ to: z.array(z.string()) }),
  subject: z.string(),
  body: z.object({ text: z.string(), html: z.string() }),
});
export type Mail = z.infer<typeof Mail>;

const Mailbox = z.object({ emails: z.array(Mail) });

/** Starts an emulator of SES. It stores mails, and shows them to a browser that opens its address. */
export async function startMailServer(port = 0): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = await emulator.default({ host: "127.0.0.1", port });
  return { url: findOrigin(server), stop: () => closeServer(server) };
}

/** Returns the mails that the emulator at this address stores, oldest first. */
export async function readMails(url: string): Promise<Mail[]> {
  return Mailbox.parse(await (await fetch(new URL("/store", url))).json()).emails;
}
