import { type SendEmailCommand, SESv2ServiceException } from "@aws-sdk/client-sesv2";
import type { MailClient, OpenMailClient } from "../../functions/adapters/mail/ses-client.ts";
import type { FaultRates, FaultSource } from "./fault-source.ts";
import type { HistoryTrace } from "./history-trace.ts";
import { connectionError, timeoutError } from "./s3-commands.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What can go wrong with a request to SES. */
export type MailFault =
  /** Nobody answers at SES's address: `ECONNREFUSED`. */
  | "unreachable"
  /** The connection breaks before SES has the mail. */
  | "unsent"
  /** SES accepts the mail, and the connection breaks before the answer arrives. */
  | "unanswered"
  /** SES accepts the mail, and answers only after the client has given up. */
  | "slow"
  /** SES does nothing and answers nothing until the client gives up. */
  | "silent"
  /** SES answers 429: too many requests. */
  | "throttled"
  /** SES answers 400, because the account may send no mails for the moment. */
  | "paused"
  /** SES answers 503. */
  | "busy"
  /** SES answers 400: it takes no such mail. */
  | "rejected"
  /** SES answers 500 and has done nothing. */
  | "failed"
  /** SES accepts the mail and answers 500. */
  | "done and failed"
  /** SES accepts the mail, and the process dies before it has the answer. */
  | "crash";

/** What can happen to a mail after SES has accepted it. SES publishes an event about it. */
export type MailReturn =
  /** The mail does not arrive. */
  | "bounce"
  /** The mail has not arrived yet, and SES tries again. */
  | "transient bounce"
  /** The recipient marks the mail as unwanted. */
  | "complaint"
  /** SES takes the mail for harmful and does not pass it on. */
  | "reject";

export type MailSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  rates: FaultRates<MailFault>;
  returnRates?: FaultRates<MailReturn>;
  /** How many of 1,000 events about mails come before the answer to the request, and how many come twice. */
  eventRates?: FaultRates<"early" | "twice">;
  /** The time in which a mail reaches SES or an answer reaches the client. `timeout` is the client's. */
  delaysMs?: { min: number; max: number; timeout: number };
};

/** A mail that SES has accepted. The ids are those of its tags. */
export type AcceptedMail = {
  atMs: number;
  messageId: string;
  exportId: string;
  deliveryId: string;
  to: string;
  subject: string;
  text: string;
};

export type SimulatedMail = {
  /** Returns the process's port of mails, which is the option `openMailClient` of `openContext`. */
  serve: (process: SimulatedProcess) => OpenMailClient;
  /** All mails that SES has accepted, in the order of their arrival. */
  accepted: readonly AcceptedMail[];
  /** Calls `take` with each event that SNS delivers to the function of bounces. */
  subscribe: (take: (event: SnsEvent) => void) => void;
};

type Answer = { status: number; name: string; isAccepted: boolean };

const answers: Partial<Record<MailFault, Answer>> = {
  throttled: { status: 429, name: "TooManyRequestsException", isAccepted: false },
  paused: { status: 400, name: "SendingPausedException", isAccepted: false },
  busy: { status: 503, name: "ServiceUnavailable", isAccepted: false },
  rejected: { status: 400, name: "MessageRejected", isAccepted: false },
  failed: { status: 500, name: "InternalServiceErrorException", isAccepted: false },
  "done and failed": { status: 500, name: "InternalServiceErrorException", isAccepted: true },
};

/** The longest time until a mail comes back. Other mail servers try for days. */
const maxReturnMs = 3 * 24 * 3_600_000;
const maxRepeatMs = 3_600_000;

/** Opens SES for several processes. A client sends each mail with one request, as the service's own client does. */
export function openSimulatedMail(settings: MailSettings): SimulatedMail {
  const { clock, faults, trace, rates, returnRates = {}, eventRates = {} } = settings;
  const { delaysMs = { min: 20, max: 400, timeout: 30_000 } } = settings;
  const accepted: AcceptedMail[] = [];
  const subscribers: ((event: SnsEvent) => void)[] = [];

  function accept(command: SendEmailCommand): AcceptedMail {
    const mail = readMail(command, { atMs: clock.now(), messageId: `mail-${accepted.length + 1}` });
    accepted.push(mail);
    // SES publishes events only about mails of a configuration set.
    if (command.input.ConfigurationSetName !== undefined) sendBack(mail);
    return mail;
  }

  function sendBack(mail: AcceptedMail): void {
    const kind = faults.drawFault("mail return", returnRates);
    if (kind === null) return;
    const fault = faults.drawFault("mail event", eventRates);
    const returnMs = fault === "early" ? 1 : faults.drawDelayMs("mail event", delaysMs.timeout, maxReturnMs);
    const publish = () => {
      trace.note("sns", `${kind} of ${mail.messageId}`);
      const event = makeSnsEvent(kind, mail, clock.now());
      for (const take of subscribers) take(event);
    };
    clock.schedule(returnMs, publish);
    if (fault === "twice")
      clock.schedule(returnMs + faults.drawDelayMs("mail event twice", 0, maxRepeatMs), publish);
  }

  /** Lets the mail reach SES, and returns SES's answer as the client gets it. */
  async function attempt(
    command: SendEmailCommand,
    process: SimulatedProcess,
  ): Promise<{ MessageId: string } | Error> {
    const fault = faults.drawFault("mail", rates);
    const sentMs = clock.now();
    await clock.sleep(faults.drawDelayMs("mail", delaysMs.min, delaysMs.max));
    const answerMs = faults.drawDelayMs("mail", delaysMs.min, delaysMs.max);
    if (fault === "unreachable") return connectionError("ECONNREFUSED");
    if (fault === "unsent") return connectionError("ECONNRESET");
    const answer = fault === null ? undefined : answers[fault];
    const isAccepted = answer === undefined ? fault !== "silent" : answer.isAccepted;
    const mail = isAccepted ? accept(command) : null;
    if (fault === "crash") process.crash();
    if (fault === "slow" || fault === "silent") {
      await clock.sleep(delaysMs.timeout - (clock.now() - sentMs));
      return timeoutError();
    }
    await clock.sleep(answerMs);
    if (answer !== undefined) return makeSesError(answer);
    return mail === null || fault === "unanswered"
      ? connectionError("ECONNRESET")
      : { MessageId: mail.messageId };
  }

  function openClient(process: SimulatedProcess): MailClient {
    return {
      async send(command) {
        const { exportId, deliveryId } = readTags(command);
        const outcome = await attempt(command, process);
        await process.pass();
        const result = outcome instanceof Error ? `${outcome.name} ${outcome.message}` : outcome.MessageId;
        trace.note(process.name, `mail ${deliveryId} of ${exportId} -> ${result}`);
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
      destroy: () => undefined,
    };
  }

  return {
    serve: (process) => () => openClient(process),
    accepted,
    subscribe: (take) => void subscribers.push(take),
  };
}

function makeSesError({ status, name }: Answer): SESv2ServiceException {
  const $fault = status < 500 ? "client" : "server";
  return new SESv2ServiceException({ name, $fault, message: name, $metadata: { httpStatusCode: status } });
}

function readTags({ input }: SendEmailCommand): { exportId: string; deliveryId: string } {
  const tags = new Map(input.EmailTags?.map(({ Name, Value }) => [Name, Value]));
  return { exportId: tags.get("exportId") ?? "", deliveryId: tags.get("deliveryId") ?? "" };
}

function readMail(
  command: SendEmailCommand,
  arrival: Pick<AcceptedMail, "atMs" | "messageId">,
): AcceptedMail {
  const { Destination, Content } = command.input;
  const [to, ...others] = Destination?.ToAddresses ?? [];
  if (to === undefined || others.length > 0) throw new Error("A mail goes to one address.");
  const subject = Content?.Simple?.Subject?.Data ?? "";
  const text = Content?.Simple?.Body?.Text?.Data ?? "";
  return { ...arrival, ...readTags(command), to, subject, text };
}

/** The event of a Lambda function that SNS invokes. The fields that the function does not read are left out. */
export type SnsEvent = { Records: { Sns: { MessageId: string; Message: string; Timestamp: string } }[] };

const eventTypes: Record<MailReturn, { eventType: string; details: object }> = {
  bounce: {
    eventType: "Bounce",
    details: { bounce: { bounceType: "Permanent", bounceSubType: "General" } },
  },
  "transient bounce": {
    eventType: "Bounce",
    details: { bounce: { bounceType: "Transient", bounceSubType: "MailboxFull" } },
  },
  complaint: { eventType: "Complaint", details: { complaint: { complaintFeedbackType: "abuse" } } },
  reject: { eventType: "Reject", details: { reject: { reason: "Bad content" } } },
};

function makeSnsEvent(kind: MailReturn, mail: AcceptedMail, nowMs: number): SnsEvent {
  const { eventType, details } = eventTypes[kind];
  const { atMs, messageId, exportId, deliveryId, to } = mail;
  // SES gives each tag as a list, and adds tags of its own.
  const tags = { exportId: [exportId], deliveryId: [deliveryId], "ses:source-ip": ["192.0.2.1"] };
  const timestamp = new Date(atMs).toISOString();
  const message = { eventType, mail: { timestamp, messageId, destination: [to], tags }, ...details };
  const Sns = { MessageId: `${kind} of ${messageId}`, Message: JSON.stringify(message) };
  return { Records: [{ Sns: { ...Sns, Timestamp: new Date(nowMs).toISOString() } }] };
}
