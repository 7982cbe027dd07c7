import { describe, expect, it } from "vitest";
import { type LogSink, withLogSink } from "../../../functions/adapters/log/log.ts";
import { explainSesError, makeSendCommand } from "../../../functions/adapters/mail/ses-client.ts";
import { type MailerSettings, readConfig } from "../../../functions/adapters/settings/settings.ts";
import { openContext } from "../../../functions/app/context.ts";
// oxlint-disable-next-line import/no-unassigned-import -- loading it on demand would take real time
import "../../../functions/app/delivery/mail-sender.ts";
import { deliverRound } from "../../../functions/app/delivery/deliver-export.ts";
import { readDeliveries } from "../../../functions/app/delivery/delivery-store.ts";
import { createBounceHandler } from "../../../functions/app/delivery/mail-bounces.ts";
import { exportKey, formatExportId } from "../../../functions/core/basics/bucket-keys.ts";
import { makeSucceededExport } from "../../support/webhook-fixtures.ts";
import { type FaultRates, openFaultSource } from "../faults/fault-source.ts";
import { openHistoryTrace } from "../time/history-trace.ts";
import { type MailFault, type MailSettings, openSimulatedMail } from "./simulated-mail.ts";
import { openSimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedS3 } from "../s3/simulated-s3.ts";
import { openVirtualClock } from "../time/virtual-clock.ts";

const startMs = Date.UTC(2026, 1, 1, 6);
const mailer: MailerSettings = {
  sender: "reports@example.com",
  configurationSet: "reports",
  publicUrl: "https://reports.example",
  region: "eu-central-1",
  endpoint: null,
};
const mail = { subject: "Offers", text: "A report", html: "<p>A report</p>" };
const tags = { exportId: "an-export", deliveryId: "0123456789ab" };

function openSes(changes: Partial<MailSettings> = {}) {
  const clock = openVirtualClock(startMs);
  const trace = openHistoryTrace(clock.now);
  const settings = { clock, trace, faults: openFaultSource("seed") };
  const ses = openSimulatedMail({ ...settings, rates: {}, ...changes });
  const process = openSimulatedProcess("export", "seed", clock);
  const client = ses.serve(process)(mailer);
  const send = () => client.send(makeSendCommand(mail, { mailer, to: "anna@example.com", tags }));
  return { ...settings, ses, process, send };
}

describe("the simulated SES", () => {
  it("keeps each mail that it accepts, with its tags", async () => {
    const { clock, ses, send } = openSes();
    expect(await clock.complete(send())).toEqual({ MessageId: "mail-1" });
    expect(ses.accepted).toEqual([
      {
        ...tags,
        atMs: expect.any(Number),
        messageId: "mail-1",
        to: "anna@example.com",
        subject: "Offers",
        text: "A report",
      },
    ]);
  });

  it.each<[MailFault, accepted: number, outcome: string]>([
    ["unreachable", 0, "busy"],
    ["unsent", 0, "lost"],
    ["unanswered", 1, "lost"],
    ["slow", 1, "lost"],
    ["silent", 0, "lost"],
    ["throttled", 0, "busy"],
    ["paused", 0, "busy"],
    ["busy", 0, "busy"],
    ["rejected", 0, "refused"],
    ["failed", 0, "lost"],
    ["done and failed", 1, "lost"],
  ])(
    "that is %s has accepted %d mails, and the service takes it for %s",
    async (fault, accepted, outcome) => {
      const { clock, ses, send } = openSes({ rates: { [fault]: 1000 } });
      const sent = send().then(() => null, explainSesError);
      expect(await clock.complete(sent)).toMatchObject({ kind: outcome });
      expect(ses.accepted).toHaveLength(accepted);
    },
  );

  it("lets the client give up after its timeout when it is slow", async () => {
    const { clock, send } = openSes({ rates: { slow: 1000 } });
    await expect(clock.complete(send())).rejects.toMatchObject({ name: "TimeoutError" });
    expect(clock.now()).toBe(startMs + 30_000);
  });

  it("accepts a mail although its process has crashed", async () => {
    const { clock, ses, process, send } = openSes();
    let hasAnswer = false;
    void send().then(() => (hasAnswer = true));
    process.crash();
    await clock.advance();
    expect([hasAnswer, ses.accepted.length]).toEqual([false, 1]);
  });

  it("accepts a mail whose process dies before the answer, as a fault", async () => {
    const { clock, ses, process, send } = openSes({ rates: { crash: 1000 } });
    let hasAnswer = false;
    void send().then(() => (hasAnswer = true));
    await clock.advance();
    expect([hasAnswer, process.hasCrashed(), ses.accepted.length]).toEqual([false, true, 1]);
  });
});

/** Opens a service whose storage and SES are simulated, and stores an export whose report is to be mailed. */
async function openMailing(changes: Partial<MailSettings>) {
  const { clock, trace, faults, ses, process } = openSes(changes);
  const config = readConfig({
    PORTAL_API_URL: "https://portal.test",
    PORTAL_API_KEY: "key-of-the-portal",
    REPORT_BUCKET: "reports",
    MAIL_SENDER: mailer.sender,
    MAIL_CONFIGURATION_SET: "reports",
    PUBLIC_URL: "https://reports.example",
  });
  const { clock: time, random } = process;
  const app = openContext(config, { clock: time, random, openMailClient: ses.serve(process) });
  openSimulatedS3({ clock, trace, faults, rates: {} }).serve(app.bucket.s3.client, process);
  const made = makeSucceededExport();
  const id = formatExportId({ startedMs: startMs, optionsKey: "0".repeat(12) }, "1".repeat(12));
  const state = { ...made, id, run: { ...made.run, recipients: ["anna@example.com"] } };
  await clock.complete(app.bucket.writeJson(exportKey(id), state));
  const counted: object[] = [];
  const sink: LogSink = { log: () => undefined, count: (values) => void counted.push(values) };
  const handle = createBounceHandler(app);
  let handled = 0;
  ses.subscribe((event) => {
    const handling = withLogSink(sink, () => handle(event, { awsRequestId: "bounce" }));
    void handling.then(() => (handled += 1));
  });
  const deliver = () => clock.complete(withLogSink(sink, () => deliverRound(app, { id })));
  const read = async () => (await clock.complete(readDeliveries(app, id)))[0];
  return { clock, ses, deliver, read, counted, handled: () => handled };
}

describe("a mail that comes back", () => {
  it("is told to the function of bounces some time after it was sent", async () => {
    const { clock, deliver, read, counted, handled } = await openMailing({ returnRates: { bounce: 1000 } });
    await deliver();
    expect(await read()).toMatchObject({ status: "sent", messageId: "mail-1" });
    await clock.advance();
    expect(await read()).toMatchObject({ status: "failed", messageId: "mail-1" });
    expect([handled(), counted]).toEqual([1, [{ DeliveriesSent: 1 }, { DeliveriesFailed: 1 }]]);
  });

  it("may be told before the answer to its request, which the service then stores too", async () => {
    const rates = { returnRates: { complaint: 1000 }, eventRates: { early: 1000 } };
    const { clock, ses, deliver, read } = await openMailing(rates);
    let toldMs = Infinity;
    ses.subscribe(() => (toldMs = clock.now()));
    await deliver();
    expect(toldMs).toBeLessThan(clock.now());
    await clock.advance();
    expect(await read()).toMatchObject({ status: "failed", sentAt: expect.any(String), messageId: "mail-1" });
  });

  it("may be told twice", async () => {
    const rates = { returnRates: { reject: 1000 }, eventRates: { twice: 1000 } };
    const { clock, deliver, counted, handled } = await openMailing(rates);
    await deliver();
    await clock.advance();
    expect([handled(), counted]).toEqual([2, [{ DeliveriesSent: 1 }, { DeliveriesFailed: 1 }]]);
  });

  it("for a time only is still sent", async () => {
    const { clock, deliver, read, handled } = await openMailing({
      returnRates: { "transient bounce": 1000 },
    });
    await deliver();
    await clock.advance();
    expect([handled(), (await read())?.status]).toEqual([1, "sent"]);
  });

  it("is told to nobody without a configuration set", async () => {
    const { clock, ses, process } = openSes({ returnRates: { bounce: 1000 } });
    const told: unknown[] = [];
    ses.subscribe((event) => void told.push(event));
    const own = { ...mailer, configurationSet: null };
    const command = makeSendCommand(mail, { mailer: own, to: "anna@example.com", tags });
    await clock.complete(ses.serve(process)(own).send(command));
    await clock.advance();
    expect(told).toEqual([]);
  });
});

it("gives the same mails and events for the same seed", async () => {
  const run = async (seed: string) => {
    const rates: FaultRates<MailFault> = { unanswered: 200, throttled: 200, slow: 200 };
    const faults = openFaultSource(seed);
    const { clock, trace, send } = openSes({ faults, rates, returnRates: { bounce: 500 } });
    for (let number = 0; number < 20; number += 1) await clock.complete(send().catch(() => undefined));
    await clock.advance();
    return trace.digest();
  };
  expect(await run("one")).toBe(await run("one"));
  expect(await run("one")).not.toBe(await run("two"));
});
