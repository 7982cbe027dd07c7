import { type SendEmailCommand, SESv2ServiceException } from "@aws-sdk/client-sesv2";
import type { OpenMailClient } from "../../functions/adapters/mail/ses-client.ts";
import type { Mail } from "../../local/mail-server.ts";
import { connectionError, timeoutError } from "../simulation/s3-commands.ts";
import { type MailAction, refusals, SentMail, type TestMailServer } from "./test-mail-server.ts";
import { useWorld } from "./virtual-world.ts";

/** The timeout of a request to SES. */
const timeoutMs = 30_000;

/** Opens an SES without a connection, which treats mails as the server of `openTestMailServer` does. */
export function openVirtualMail(
  decide: (sent: SentMail, number: number) => MailAction = () => "take",
): Omit<TestMailServer, "url"> & { openMailClient: OpenMailClient } {
  const asked: TestMailServer["asked"] = [];
  const accepted: Mail[] = [];
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();

  async function send(command: SendEmailCommand): Promise<{ MessageId: string }> {
    const sent = SentMail.parse(command.input);
    const fate = decide(sent, asked.length + 1);
    asked.push({ ...sent, fate });
    const [status, name] = refusals[fate] ?? [];
    if (status !== undefined) throw makeError(status, String(name));
    if (fate === "cut") throw connectionError("ECONNRESET");
    const messageId = `mail-${accepted.length + 1}`;
    if (fate !== "ignore") accepted.push(readMail(command, messageId));
    if (fate === "lose") throw connectionError("ECONNRESET");
    if (fate === "take") return { MessageId: messageId };
    hold();
    await useWorld().clock.sleep(timeoutMs);
    throw timeoutError();
  }

  const openMailClient: OpenMailClient = () => ({ send, destroy: () => undefined });
  return { openMailClient, asked, held, read: async () => accepted };
}

function makeError(httpStatusCode: number, name: string): SESv2ServiceException {
  const $fault = httpStatusCode < 500 ? "client" : "server";
  return new SESv2ServiceException({ name, $fault, message: "", $metadata: { httpStatusCode } });
}

function readMail({ input }: SendEmailCommand, messageId: string): Mail {
  const { Subject, Body } = input.Content?.Simple ?? {};
  return {
    messageId,
    from: input.FromEmailAddress ?? "",
    destination: { to: input.Destination?.ToAddresses ?? [] },
    subject: Subject?.Data ?? "",
    body: { text: Body?.Text?.Data ?? "", html: Body?.Html?.Data ?? "" },
  };
}
