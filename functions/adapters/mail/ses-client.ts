import { SESv2Client, SESv2ServiceException } from "@aws-sdk/client-sesv2";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { MailerSettings } from "../settings/settings.ts";

/** The timeouts of a request to SES, which usually responds within a second. */
const timeoutsMs = { connectionMs: 5_000, requestMs: 30_000 };

/**
 * Opens a client that sends each mail with one request, because a retry by the SDK could send the mail a second time.
 */
export function openSesClient({ region, endpoint }: MailerSettings): SESv2Client {
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
