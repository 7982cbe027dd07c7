import { SendEmailCommand, type SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import { type Mail, composeMail } from "../../core/mail/compose-mail.ts";
import { shareReport } from "../../core/share/share.ts";
import type { MailerSettings } from "../../adapters/settings/settings.ts";
import { logFault } from "../../adapters/log/log.ts";
import type { Sender } from "./delivery-store.ts";
import { explainSesError, openSesClient } from "../../adapters/mail/ses-client.ts";
import { createShare, revokeShare } from "../share/share-store.ts";
import type { AppContext } from "../context.ts";

/** Mails of one report. Their permanent link is made for all of a round, and revoked if nobody can have got it. */
export async function openMailSender(app: AppContext, state: ExportState): Promise<Sender> {
  const { post } = app.config;
  if (post?.publicUrl == null) return answerAll({ kind: "refused", reason: "There is no sender any more." });
  try {
    return openSender({
      app,
      post,
      exportId: state.id,
      ...(await prepareLetter(app, state, post.publicUrl)),
    });
  } catch (error) {
    await logFault(error, { exportId: state.id });
    return answerAll({ kind: "busy", reason: "The mail could not be written.", retryAfterMs: null });
  }
}

function answerAll(outcome: DeliveryOutcome): Sender {
  return { send: async () => outcome, close: async () => undefined };
}

async function prepareLetter(app: AppContext, state: ExportState, publicUrl: string) {
  const { share, token } = await createShare(app, shareReport(state));
  const url = new URL(`/s/${token}`, publicUrl).href;
  return {
    shareId: share.id,
    mail: composeMail({ state, link: { url, expiresAt: share.expiresAt } }, app.calendar),
  };
}

type Prepared = { app: AppContext; post: MailerSettings; exportId: string; shareId: string; mail: Mail };

function openSender({ app, post, exportId, shareId, mail }: Prepared): Sender {
  const client = openSesClient(post);
  let isUsed = false;
  return {
    async send({ id, to }) {
      const input = addressLetter(mail, { post, to, tags: { exportId, deliveryId: id } });
      const outcome = await client.send(new SendEmailCommand(input)).then(noteSent, explainSesError);
      isUsed ||= outcome.kind === "sent" || outcome.kind === "lost";
      return outcome;
    },
    async close() {
      client.destroy();
      if (!isUsed) await revokeShare(app, shareId);
    },
  };
}

function noteSent({ MessageId }: { MessageId?: string | undefined }): DeliveryOutcome {
  return { kind: "sent", messageId: MessageId ?? null };
}

type Address = { post: MailerSettings; to: string; tags: Record<string, string> };

/** One recipient a mail: nobody sees who else has got it. By its tags a bounce finds the delivery. */
function addressLetter({ subject, text, html }: Mail, { post, to, tags }: Address): SendEmailCommandInput {
  const encode = (data: string) => ({ Data: data, Charset: "UTF-8" });
  return {
    FromEmailAddress: post.sender,
    Destination: { ToAddresses: [to] },
    ...(post.configurationSet !== null && { ConfigurationSetName: post.configurationSet }),
    EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
    Content: {
      Simple: {
        Subject: encode(subject),
        Body: { Text: encode(text), Html: encode(html) },
        // No holiday reply: https://datatracker.ietf.org/doc/html/rfc3834#section-5
        Headers: [{ Name: "Auto-Submitted", Value: "auto-generated" }],
      },
    },
  };
}
