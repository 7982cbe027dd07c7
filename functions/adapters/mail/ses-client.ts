import { SendEmailCommand, SESv2Client, SESv2ServiceException } from "@aws-sdk/client-sesv2";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { Mail } from "../../core/mail/compose-mail.ts";
import type { MailerSettings } from "../settings/settings.ts";

/** A client that sends mails. A simulation has one that needs no connection. */
export interface MailClient {
  send: (command: SendEmailCommand) => Promise<{ MessageId?: string | undefined }>;
  destroy: () => void;
}

export type OpenMailClient = (mailer: MailerSettings) => MailClient;

/** The timeouts of a request to SES, which usually responds within a second. */
const timeoutsMs = { connectionMs: 5_000, requestMs: 30_000 };

/**
 * Opens a client that sends each mail with one request, because a retry by the SDK could send the mail a second time.
 */
export function openSesClient({ region, endpoint }: MailerSettings): MailClient {
  return new SESv2Client({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: timeoutsMs.connectionMs,
      requestTimeout: timeoutsMs.requestMs,
      socketTimeout: timeoutsMs.requestMs,
      throwOnRequestTimeout: true,
    },
    // `endpoint` is the address of an emulator, which accepts any credentials.
    ...(endpoint !== null && { endpoint, credentials: { accessKeyId: "local", secretAccessKey: "local" } }),
  });
}

type Envelope = { mailer: MailerSettings; to: string; tags: Record<string, string> };

/**
 * Addresses the mail to one recipient only, so that no recipient sees the address of another. The tags identify the
 * delivery, and SES repeats them in its events about the mail.
 */
export function makeSendCommand(
  { subject, text, html }: Mail,
  { mailer, to, tags }: Envelope,
): SendEmailCommand {
  const encode = (data: string) => ({ Data: data, Charset: "UTF-8" });
  return new SendEmailCommand({
    FromEmailAddress: mailer.sender,
    Destination: { ToAddresses: [to] },
    ...(mailer.configurationSet !== null && { ConfigurationSetName: mailer.configurationSet }),
    EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
    Content: {
      Simple: {
        Subject: encode(subject),
        Body: { Text: encode(text), Html: encode(html) },
        // Prevents out-of-office replies: https://datatracker.ietf.org/doc/html/rfc3834#section-5
        Headers: [{ Name: "Auto-Submitted", Value: "auto-generated" }],
      },
    },
  });
}

/** The codes of connection errors. After such an error it is certain that the request has reached no server. */
const connectionErrors = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * Errors of SES after which a retry may succeed:
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
 */
const retryableErrors = new Set([
  "TooManyRequestsException",
  "LimitExceededException",
  "SendingPausedException",
  "AccountSuspendedException",
]);

/**
 * Returns the outcome of a failed attempt to send a mail. SES has not accepted the mail if the connection failed or if
 * SES responded with 4xx or 503. After any other failure SES may have sent the mail.
 */
export function explainSesError(error: unknown): DeliveryOutcome {
  if (error instanceof Error && "code" in error && connectionErrors.has(String(error.code)))
    return { kind: "busy", reason: "SES could not be reached.", retryAfterMs: null };
  if (!(error instanceof SESv2ServiceException))
    return { kind: "lost", reason: `SES gave no answer. ${unsure}`, retryAfterMs: null };
  const { name, $metadata } = error;
  const status = $metadata.httpStatusCode ?? 0;
  const summary = `SES answered ${status} (${name}).`;
  if (status === 429 || status === 503 || retryableErrors.has(name))
    return { kind: "busy", reason: summary, retryAfterMs: null };
  if (status < 400 || status >= 500)
    return { kind: "lost", reason: `${summary} ${unsure}`, retryAfterMs: null };
  return { kind: "refused", reason: `${summary} ${remedies.get(name) ?? otherRemedy}` };
}

const unsure = "Nobody knows whether the mail went out. It is not sent again: ask the recipient.";

const otherRemedy = "Check that the function may send as MAIL_SENDER.";

const remedies = new Map([
  [
    "MessageRejected",
    "Check that the sender is verified, and the recipient too while the account is in SES's sandbox.",
  ],
  ["MailFromDomainNotVerifiedException", "Verify the sender's domain in SES."],
  ["BadRequestException", "The address or the sender is none that SES takes."],
]);
