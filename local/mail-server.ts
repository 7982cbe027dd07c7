import { createRequire } from "node:module";
import type { Server } from "node:http";
import * as z from "zod";
import { closeServer, findOrigin } from "./loopback-server.ts";

type Emulator = { default: (address: { host: string; port: number }) => Promise<Server> };

// Loads the SES emulator with `require`, because `import` does not find the default export of this CommonJS module.
const emulator: Emulator = createRequire(import.meta.url)("aws-ses-v2-local");

/** A mail as the SES emulator stores it. */
const Mail = z.object({
  messageId: z.string(),
  from: z.string(),
  destination: z.object({ to: z.array(z.string()) }),
  subject: z.string(),
  body: z.object({ text: z.string(), html: z.string() }),
});
export type Mail = z.infer<typeof Mail>;

const Mailbox = z.object({ emails: z.array(Mail) });

/** Starts an emulator of SES, which stores mails and shows them in a browser at the returned `url`. */
export async function startMailServer(port = 0): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = await emulator.default({ host: "127.0.0.1", port });
  return { url: findOrigin(server), stop: () => closeServer(server) };
}

/** Returns the mails that the SES emulator at this URL stores, oldest first. */
export async function readMails(url: string): Promise<Mail[]> {
  return Mailbox.parse(await (await fetch(new URL("/store", url))).json()).emails;
}
