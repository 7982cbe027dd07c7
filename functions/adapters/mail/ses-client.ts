import { SESv2Client, SESv2ServiceException } from "@aws-sdk/client-sesv2";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { MailerSettings } from "../settings/settings.ts";

/** SES answers within a second; an answer that comes later than this is not waited for. */
const patienceMs = { connectionMs: 5_000, requestMs: 30_000 };

/** Mails go out by it, each with one request: a second one would be a second mail. */
export function openSesClient({ region, endpoint }: MailerSettings): SESv2Client {
  return new SESv2Client({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: patienceMs.connectionMs,
      requestTimeout: patienceMs.requestMs,
      socketTimeout: patienceMs.requestMs,
      throwOnRequestTimeout: true,
    },
    // An emulator takes any keys.
    ...(endpoint !== null && { endpoint, credentials: { accessKeyId: "local", secretAccessKey: "local" } }),
  });
}

/** Those of a request that never left this machine. */
const unconnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Refusals that pass: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. */
const passing = new Set([
  "TooManyRequestsException",
  "LimitExceededException",
  "SendingPausedException",
  "AccountSuspendedException",
]);

/**
 * What became of a mail whose sending failed. It was not accepted where SES says so (4xx, and 503, which it gives
 * before it takes anything) or was not reached; after any other failure it may have been.
 */
export function explainSesError(error: unknown): DeliveryOutcome {
  if (error instanceof Error && "code" in error && unconnected.has(String(error.code)))
    return { kind: "busy", reason: "SES could not be reached.", retryAfterMs: null };
  if (!(error instanceof SESv2ServiceException))
    return { kind: "lost", reason: `SES gave no answer. ${unsure}`, retryAfterMs: null };
  const { name, $metadata } = error;
  const status = $metadata.httpStatusCode ?? 0;
  const answered = `SES answered ${status} (${name}).`;
  if (status === 429 || status === 503 || passing.has(name))
    return { kind: "busy", reason: answered, retryAfterMs: null };
  if (status < 400 || status >= 500)
    return { kind: "lost", reason: `${answered} ${unsure}`, retryAfterMs: null };
  return { kind: "refused", reason: `${answered} ${remedies.get(name) ?? otherRemedy}` };
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
