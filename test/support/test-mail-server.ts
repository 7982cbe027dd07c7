import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { type Mail, readMails, startMailServer } from "../../local/mail-server.ts";
import { listen } from "../../local/loopback-server.ts";

/**
 * The behaviour of SES towards a mail. `take` accepts it; `throttle`, `away`, `reject` and `break` answer with an
 * error; `cut` closes the connection. `lose` accepts the mail and closes the connection, `hold` accepts it and never
 * answers, and `ignore` neither accepts it nor answers.
 */
export type MailAction =
  "take" | "throttle" | "away" | "reject" | "break" | "cut" | "lose" | "hold" | "ignore";

export const SentMail = z.object({
  Destination: z.object({ ToAddresses: z.tuple([z.string()]) }),
  EmailTags: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  ConfigurationSetName: z.string().optional(),
});
export type SentMail = z.infer<typeof SentMail>;

export const refusals: Partial<Record<MailAction, [status: number, name: string]>> = {
  throttle: [429, "TooManyRequestsException"],
  away: [503, "ServiceUnavailable"],
  reject: [400, "MessageRejected"],
  break: [500, "InternalServiceErrorException"],
};

export type TestMailServer = {
  url: string;
  /** The mails that were sent to SES, and what was done with each mail. */
  asked: (SentMail & { fate: MailAction })[];
  /** Resolves when a mail is held or ignored. */
  held: Promise<void>;
  /** Reads the mails that were accepted. */
  read: () => Promise<Mail[]>;
};

/**
 * Starts an SES emulator behind a proxy. `decide` chooses what happens to each mail. Both servers stop with the test.
 */
export async function openTestMailServer(
  decide: (sent: SentMail, number: number) => MailAction = () => "take",
): Promise<TestMailServer> {
  const post = await startMailServer();
  await fetch(new URL("/clear-store", post.url), { method: "POST" });
  const asked: TestMailServer["asked"] = [];
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  const receive = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const given = await json(incoming);
    const sent = SentMail.parse(given);
    const fate = decide(sent, asked.length + 1);
    asked.push({ ...sent, fate });
    meet(fate, { url: post.url, incoming, body: JSON.stringify(given), answer, hold });
  };
  const door = createServer((incoming, answer) => void receive(incoming, answer));
  onTestFinished(async () => {
    door.closeAllConnections();
    door.close();
    await post.stop();
  });
  return { url: await listen(door, 0), asked, held, read: () => readMails(post.url) };
}

type Call = {
  url: string;
  incoming: IncomingMessage;
  body: string;
  answer: ServerResponse;
  hold: () => void;
};

function meet(fate: MailAction, { url, incoming, body, answer, hold }: Call): void {
  const [status, name] = refusals[fate] ?? [];
  if (status !== undefined)
    return void answer
      .writeHead(status, { "x-amzn-errortype": String(name) })
      .end(JSON.stringify({ message: "" }));
  if (fate === "cut") return void answer.destroy();
  if (fate === "ignore") return hold();
  const { method, headers, url: path = "/" } = incoming;
  const passed = request(new URL(path, url), { method, headers }, (given) => {
    if (fate === "hold") return given.resume().on("end", hold);
    if (fate === "lose") return given.resume().on("end", () => answer.destroy());
    answer.writeHead(given.statusCode ?? 500, given.headers);
    return given.pipe(answer);
  });
  passed.end(body);
}
