import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Attempt } from "../../functions/core/attempt.ts";
import { findMoment } from "../../functions/core/calendar.ts";
import { ExportState } from "../../functions/core/export.ts";
import { parseId } from "../../functions/core/id.ts";
import type { Schedule, Tick } from "../../functions/core/schedule.ts";
import { makeReports } from "../../functions/io/tick.ts";
import { openWorkflow } from "../../functions/io/workflow.ts";
import type { World } from "../../functions/io/world.ts";
import { openPlace } from "../support/place.ts";
import { deliverTicks, openLambda } from "../support/ticks.ts";

const schedule: Schedule = {
  name: "monthly",
  expression: "cron(0 6 1 * ? *)",
  reports: [{ format: "csv", period: "this-month" }, { format: "csv" }],
};
const batches = 5;
const ticksEach = 20;
const reportsEach = ticksEach * schedule.reports.length;

/** Those of months to come: no crawl of before serves them. */
function listTicks({ calendar }: World, batch: number): Tick[] {
  return Array.from({ length: ticksEach }, (_, index) => {
    const month = batch * ticksEach + index;
    const clock = `${2100 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01T06:00`;
    return { schedule, at: findMoment(clock, calendar) ?? Number.NaN };
  });
}

/** Draws moments: when the batch has brought so many objects of that kind. */
async function openDraw({ bucket }: World) {
  const count = async (kind: "exports" | "files") => (await bucket.listKeys(`${kind}/`)).length;
  const before = { exports: await count("exports"), files: await count("files") };
  return (kind: "exports" | "files") => {
    const most = before[kind] + Math.floor(Math.random() * reportsEach);
    return async () => (await count(kind)) >= most;
  };
}

async function openSchedules() {
  let isClosed = false;
  const place = await openPlace({
    offers: 30,
    limit: 100_000,
    speed: 100,
    intercept: (_request, response) => isClosed && Boolean(response.writeHead(401).end()),
  });
  const { world } = place;
  const lambda = await openLambda(place);
  const { endpoint } = lambda;
  const delivery = { endpoint, env: { ...place.env, SCHEDULES: JSON.stringify([schedule]) } };
  const credentials = { accessKeyId: "AKIDOFTHETESTS", secretAccessKey: "secret-key-of-the-tests" };
  const workflow = openWorkflow(
    { name: "export", qualifier: "live", region: "eu-central-1" },
    { endpoint, credentials, tryMs: 5_000, wholeMs: 10_000 },
  );

  const isLeft = async (tick: Tick, isDone: (attempts: Attempt[]) => boolean): Promise<boolean> =>
    !isDone(await makeReports({ world, workflow }, tick, new Date()).catch(() => []));

  /** Delivers the ticks again and again, all at once, each until its reports are so. */
  async function redeliver(ticks: Tick[], isDone: (attempts: Attempt[]) => boolean): Promise<void> {
    for (let left = ticks; left.length > 0; await sleep(1_000)) {
      const isStill = await Promise.all(left.map((tick) => isLeft(tick, isDone)));
      left = left.filter((_, index) => isStill[index]);
    }
  }

  return { world, lambda, delivery, redeliver, closePortal: (close: boolean) => (isClosed = close) };
}

const areMade = (attempts: Attempt[]) =>
  attempts.length > 0 && attempts.every(({ state }) => state.status === "succeeded");

/** Of which tick and what period each export that succeeded is; no other has a file. */
async function listMade({ bucket }: World): Promise<string[]> {
  const keys = await bucket.listKeys("exports/");
  const states = await Promise.all(keys.map((key) => bucket.readJson(key, ExportState)));
  const made = states.filter((state) => state?.status === "succeeded").filter((state) => state !== null);
  const files = await bucket.listKeys("files/");
  expect(new Set(files.map((key) => key.split("/")[1]))).toEqual(new Set(made.map(({ id }) => id)));
  expect(files).toHaveLength(made.length);
  return made.map(({ id, options }) => `${parseId(id)?.startedMs} ${options.period}`).toSorted();
}

it(
  "makes one report of each kind at each of a hundred ticks, with duplicates, failures and kills mixed in",
  { timeout: 600_000 },
  async () => {
    const { world, lambda, delivery, redeliver, closePortal } = await openSchedules();
    const expected: string[] = [];
    for (let batch = 0; batch < batches; batch += 1) {
      const ticks = listTicks(world, batch);
      expected.push(...ticks.flatMap(({ at }) => [`${at} null`, `${at} this-month`]));
      const isClosed = batch % 2 === 1;
      closePortal(isClosed);
      const draw = await openDraw(world);
      const events = ticks.map(({ at }) => ({ schedule: schedule.name, at: new Date(at).toISOString() }));
      const twice = [...events, ...events];
      const restarted = lambda.restart(draw("exports"));
      const killed = [draw("exports"), draw("exports")];
      await Promise.all(killed.map((moment) => deliverTicks(twice, delivery, moment)));
      await Promise.all([deliverTicks(events, delivery), restarted]);
      if (isClosed)
        await redeliver(ticks.slice(0, 1), (attempts) => attempts.some(({ number }) => number > 1));
      closePortal(false);
      await Promise.all([redeliver(ticks, areMade), lambda.restart(draw("files"))]);
    }
    expect(await listMade(world)).toEqual(expected.toSorted());
  },
);
