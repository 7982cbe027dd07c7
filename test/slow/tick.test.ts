import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { openLambdaWorkflow } from "../../functions/adapters/workflow/lambda-workflow.ts";
import type { AppContext } from "../../functions/app/context.ts";
import { readDeliveries } from "../../functions/app/delivery/delivery-store.ts";
import { makeReports } from "../../functions/app/schedule/scheduled-reports.ts";
import { parseExportId } from "../../functions/core/basics/bucket-keys.ts";
import { findMoment } from "../../functions/core/basics/calendar.ts";
import { type Deliveries, isPendingDelivery } from "../../functions/core/delivery/delivery-state.ts";
import { ExportState } from "../../functions/core/export/export-state.ts";
import type { ReportAttempt } from "../../functions/core/schedule/overdue-reports.ts";
import type { Schedule, Tick } from "../../functions/core/schedule/schedules.ts";
import { listen } from "../../local/loopback-server.ts";
import { makeWebhookSecret } from "../support/webhook-fixtures.ts";
import { openSharedStack } from "../support/shared-stack.ts";
import {
  type MailAction,
  openTestMailServer,
  type SentMail,
  type TestMailServer,
} from "../support/test-mail-server.ts";
import { deliverTicks, openLambdaProcess } from "../support/tick-kills.ts";

const schedule: Schedule = {
  name: "monthly",
  expression: "cron(0 6 1 * ? *)",
  reports: [{ format: "csv", period: "this-month" }, { format: "csv" }],
  recipients: ["anna@example.com"],
};
const batches = 2;
const ticksEach = 6;
const reportsEach = ticksEach * schedule.reports.length;
const reports = batches * reportsEach;

/** Lists ticks of future months. No earlier crawl is recent enough for their reports. */
function listTicks({ calendar }: AppContext, batch: number): Tick[] {
  return Array.from({ length: ticksEach }, (_, index) => {
    const month = batch * ticksEach + index;
    const clock = `${2100 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01T06:00`;
    return { schedule, at: findMoment(clock, calendar) ?? Number.NaN };
  });
}

type Kind = "exports" | "files" | "deliveries";

/**
 * Returns a function that draws the moment of a kill. At that moment, the current batch has written a random number
 * of objects of a kind.
 */
async function openDraw({ bucket }: AppContext) {
  const count = async (kind: Kind) => (await bucket.listKeys(`${kind}/`)).length;
  const before = {
    exports: await count("exports"),
    files: await count("files"),
    deliveries: await count("deliveries"),
  };
  return (kind: Kind) => {
    const most = before[kind] + Math.floor(Math.random() * reportsEach);
    return async () => (await count(kind)) >= most;
  };
}

/** Draws what SES does with a mail. One mail in five meets a random failure. */
function drawFate(): MailAction {
  const fates: MailAction[] = ["throttle", "away", "reject", "cut", "lose", "break"];
  return fates[Math.floor(Math.random() * 5 * fates.length)] ?? "take";
}

/** Starts a webhook receiver. One in five of its answers is missing or is an error. */
async function openHook() {
  const told: { event: string; answer: number }[] = [];
  const answers = [0, 429, 500];
  const server = createServer((request, response) => {
    const answer = answers[Math.floor(Math.random() * 5 * answers.length)] ?? 200;
    request.resume().on("end", () => {
      told.push({ event: String(request.headers["webhook-id"]), answer });
      if (answer === 0) request.destroy();
      else response.writeHead(answer).end();
    });
  });
  onTestFinished(() => void server.close());
  return { url: `${await listen(server, 0)}/`, told };
}

async function openSchedules() {
  let isClosed = false;
  const post = await openTestMailServer(drawFate);
  const hook = await openHook();
  const place = await openSharedStack({
    offers: 30,
    limit: 100_000,
    speed: 100,
    settings: {
      MAIL_SENDER: "reports@example.com",
      PUBLIC_URL: "https://reports.example",
      SES_ENDPOINT: post.url,
      WEBHOOKS: hook.url,
      WEBHOOK_SECRET: makeWebhookSecret(),
    },
    intercept: (_request, response) => isClosed && Boolean(response.writeHead(401).end()),
  });
  const { app } = place;
  const lambda = await openLambdaProcess(place);
  const { endpoint } = lambda;
  const delivery = { endpoint, env: { ...place.env, SCHEDULES: JSON.stringify([schedule]) } };
  const credentials = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" };
  const workflow = openLambdaWorkflow(
    { name: "export", qualifier: "live", region: "eu-central-1" },
    { endpoint, credentials, tryMs: 5_000, totalMs: 10_000 },
  );

  const isLeft = async (tick: Tick, isDone: (attempts: ReportAttempt[]) => boolean): Promise<boolean> =>
    !isDone(await makeReports({ app, workflow }, tick, new Date()).catch(() => []));

  /** Delivers all ticks at the same time, and again every second until `isDone` is true for each tick's reports. */
  async function redeliver(ticks: Tick[], isDone: (attempts: ReportAttempt[]) => boolean): Promise<void> {
    for (let left = ticks; left.length > 0; await sleep(1_000)) {
      const isStill = await Promise.all(left.map((tick) => isLeft(tick, isDone)));
      left = left.filter((_, index) => isStill[index]);
    }
  }

  return {
    app,
    post,
    hook,
    lambda,
    delivery,
    redeliver,
    closePortal: (close: boolean) => (isClosed = close),
  };
}

const areMade = (attempts: ReportAttempt[]) =>
  attempts.length > 0 && attempts.every(({ state }) => state.status === "succeeded");

/** Lists the tick and the period of each export that succeeded. Checks that no other export has a file. */
async function listMade({ bucket }: AppContext): Promise<string[]> {
  const keys = await bucket.listKeys("exports/");
  const states = await Promise.all(keys.map((key) => bucket.readJson(key, ExportState)));
  const made = states.filter((state) => state?.status === "succeeded").filter((state) => state !== null);
  const files = await bucket.listKeys("files/");
  expect(new Set(files.map((key) => key.split("/")[1]))).toEqual(new Set(made.map(({ id }) => id)));
  expect(files).toHaveLength(made.length);
  return made.map(({ id, options }) => `${parseExportId(id)?.startedMs} ${options.period}`).toSorted();
}

/** Waits until no delivery is pending. Returns the deliveries of each export. */
async function listDelivered(app: AppContext): Promise<{ state: ExportState; deliveries: Deliveries }[]> {
  for (;;) {
    const keys = await app.bucket.listKeys("exports/");
    const states = await Promise.all(keys.map((key) => app.bucket.readJson(key, ExportState)));
    const all = await Promise.all(
      states
        .filter((state) => state !== null)
        .map(async (state) => ({
          state,
          deliveries: await readDeliveries(app, state.id),
        })),
    );
    if (all.every(({ deliveries }) => deliveries.length > 0 && !deliveries.some(isPendingDelivery)))
      return all;
    await sleep(1_000);
  }
}

function listFates({ asked }: TestMailServer, { id }: ExportState): MailAction[] {
  const isIts = ({ EmailTags }: SentMail) => EmailTags.some(({ Value }) => Value === id);
  return asked.filter(isIts).map(({ fate }) => fate);
}

const isTaken = (fate: MailAction) => fate === "take" || fate === "lose";
const isUnsure = (fate: MailAction) => ["lose", "cut", "break"].includes(fate);

/**
 * Returns "right" when the mail's status agrees with SES's answers. Otherwise returns the mistake. A mail is "sent"
 * when SES confirmed it, and "failed" when SES rejected it. It is "unknown" when the answer was lost or the process
 * died before it stored the answer. A mail that SES may have accepted must not be sent again.
 */
function judge(status: string, fates: MailAction[]): string {
  const last = fates.at(-1);
  const mails = fates.filter(isTaken).length;
  if (mails > 1 || fates.slice(0, -1).some((fate) => isTaken(fate) || isUnsure(fate))) return "sent again";
  if (status === "sent") return last === "take" ? "right" : "not sent";
  if (status === "failed") return last === "reject" ? "right" : "not refused";
  return status === "unknown" ? "right" : status;
}

it(
  "makes and mails one report of each kind at each tick, with duplicates, failures and kills mixed in",
  { timeout: 300_000 },
  async () => {
    const { app, post, hook, lambda, delivery, redeliver, closePortal } = await openSchedules();
    const expected: string[] = [];
    for (let batch = 0; batch < batches; batch += 1) {
      const ticks = listTicks(app, batch);
      expected.push(...ticks.flatMap(({ at }) => [`${at} null`, `${at} this-month`]));
      const isClosed = batch % 2 === 1;
      closePortal(isClosed);
      const draw = await openDraw(app);
      const events = ticks.map(({ at }) => ({ schedule: schedule.name, at: new Date(at).toISOString() }));
      const twice = [...events, ...events];
      const restarted = lambda.restart(draw("exports"));
      const killed = [draw("exports"), draw("exports")];
      await Promise.all(killed.map((moment) => deliverTicks(twice, delivery, moment)));
      await Promise.all([deliverTicks(events, delivery), restarted]);
      if (isClosed)
        await redeliver(ticks.slice(0, 1), (attempts) => attempts.some(({ number }) => number > 1));
      closePortal(false);
      await Promise.all([
        redeliver(ticks, areMade),
        lambda.restart(draw("files")).then(() => lambda.restart(draw("deliveries"))),
      ]);
    }
    // An export has succeeded before it removes the files of its other attempts, and it delivers after that.
    const delivered = await listDelivered(app);
    expect(await listMade(app)).toEqual(expected.toSorted());
    const mails = delivered.flatMap(({ state, deliveries }) =>
      deliveries
        .filter(({ kind }) => kind === "mail")
        .map(({ status }) => ({ status, judged: judge(status, listFates(post, state)) })),
    );
    expect(mails.map(({ judged }) => judged)).toEqual(expected.map(() => "right"));
    expect(mails.filter(({ status }) => status === "sent").length).toBeGreaterThan(reports / 4);
    expect(await post.read()).toHaveLength(post.asked.filter(({ fate }) => isTaken(fate)).length);
    // Each export has one webhook, even an export that failed because the portal refused the key.
    const { hooks } = app.webhooks;
    const events = delivered.flatMap(({ state }) => hooks.map(({ id }) => `${state.id}-${id}`));
    expect(new Set(hook.told.map(({ event }) => event))).toEqual(new Set(events));
    const taken = hook.told.filter(({ answer }) => answer === 200).map(({ event }) => event);
    expect(new Set(taken)).toEqual(new Set(events));
  },
);
