import { logFault } from "../../adapters/log/log.ts";
import { explainSesError, makeSendCommand, openSesClient } from "../../adapters/mail/ses-client.ts";
import type { MailerSettings } from "../../adapters/settings/settings.ts";
import type { DeliveryOutcome } from "../../core/delivery/delivery-state.ts";
import type { ExportState } from "../../core/export/export-state.ts";
import { type Mail, composeMail } from "../../core/mail/compose-mail.ts";
import { shareReport } from "../../core/share/share.ts";
import type { AppContext } from "../context.ts";
import { createShare, revokeShare } from "../share/share-store.ts";
import type { Sender } from "./delivery-store.ts";

/**
 * Opens a sender for the mails about one report. All mails of a round contain the same permanent link to the report.
 * The link is revoked at the end when certainly no mail of the round was sent.
 */
export async function openMailSender(app: AppContext, state: ExportState): Promise<Sender> {
  const { post: mailer } = app.config;
  if (mailer?.publicUrl == null)
    return createFixedSender({ kind: "refused", reason: "There is no sender any more." });
  try {
    const prepared = await prepareMail(app, state, mailer.publicUrl);
    return openSesSender({ app, mailer, exportId: state.id, ...prepared });
  } catch (error) {
    await logFault(error, { exportId: state.id });
    return createFixedSender({ kind: "busy", reason: "The mail could not be written.", retryAfterMs: null });
  }
}

function createFixedSender(outcome: DeliveryOutcome): Sender {
  return { send: async () => outcome, close: async () => undefined };
}

async function prepareMail(app: AppContext, state: ExportState, publicUrl: string) {
  const { share, token } = await createShare(app, shareReport(state));
  const url = new URL(`/s/${token}`, publicUrl).href;
  return {
    shareId: share.id,
    mail: composeMail({ state, link: { url, expiresAt: share.expiresAt } }, app.calendar),
  };
}

type PreparedMail = {
  app: AppContext;
  mailer: MailerSettings;
  exportId: string;
  shareId: string;
  mail: Mail;
};

function openSesSender({ app, mailer, exportId, shareId, mail }: PreparedMail): Sender {
  const client = (app.openMailClient ?? openSesClient)(mailer);
  let isUsed = false;
  return {
    async send({ id, to }) {
      const command = makeSendCommand(mail, { mailer, to, tags: { exportId, deliveryId: id } });
      const outcome = await client.send(command).then(describeSent, explainSesError);
      isUsed ||= outcome.kind === "sent" || outcome.kind === "lost";
      return outcome;
    },
    async close() {
      client.destroy();
      if (!isUsed) await revokeShare(app, shareId);
    },
  };
}

function describeSent({ MessageId }: { MessageId?: string | undefined }): DeliveryOutcome {
  return { kind: "sent", messageId: MessageId ?? null };
}
