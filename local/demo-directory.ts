import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import * as z from "zod";
import type { Clock } from "../functions/adapters/clock/clock.ts";
import { readJson } from "../functions/core/basics/stored-values.ts";
import { type ClockOrigin, createFastClock } from "./fast-clock.ts";
import { makeDemo } from "./portal/demo-data.ts";
import type { DemoChoice } from "./stack-settings.ts";

/**
 * The demo portal of a folder. Its offers are made anew at each start, from their number and the day `madeOn`. What was
 * stored about them, such as snapshots and exports, is only true of these offers, so it has a folder of its own.
 */
export type DemoDirectory = {
  directory: string;
  offers: number;
  madeOn: string;
  clock: Clock;
  speed: number;
  /** A line about the offers that are served. */
  notice: string;
};

const DemoState = z.object({ offers: z.int(), madeOn: z.iso.date(), sample: z.string() });
type DemoState = z.infer<typeof DemoState>;

export const defaultOffers = 347;
export const defaultSpeed = 1;

/** After so many days the demo is made anew, because too few of its offers would be open. */
const maxAgeDays = 7;

/**
 * Opens the demo portal of LOCAL_DIR. When the stored one has other offers than the chosen ones, removes what was
 * stored about it, and nothing else.
 */
export async function openDemoDirectory(
  localDirectory: string,
  choice: DemoChoice,
  today: string,
): Promise<DemoDirectory> {
  const directory = join(localDirectory, "demo");
  const path = join(directory, "demo.json");
  const stored = DemoState.safeParse(readJson(await readFile(path, "utf8").catch(() => ""))).data;
  const reason = stored === undefined ? null : findReason(stored, choice, today);
  const offers = choice.offers ?? stored?.offers ?? defaultOffers;
  const isKept = stored !== undefined && reason === null;
  const demo = isKept ? stored : { offers, madeOn: today, sample: hashSample(today) };
  await mkdir(directory, { recursive: true });
  if (!isKept) {
    for (const name of ["demo.json", "s3", "executions", portFile, clockFile])
      await rm(join(directory, name), { recursive: true, force: true });
    await writeFile(path, JSON.stringify(demo));
  }
  const { clock, speed } = await openClock(directory, choice.speed);
  const beginning = reason === null ? "demo portal: " : `the demo portal starts anew, ${reason}: `;
  const pace = speed === 1 ? "" : `, and time passes ${speed} times as fast for it`;
  const wayBack = describeWayBack(choice, { offers: demo.offers, speed });
  const notice = `${beginning}${demo.offers} invented offers, made on ${demo.madeOn}${pace}${wayBack}`;
  return { directory, offers: demo.offers, madeOn: demo.madeOn, clock, speed, notice };
}

/** Says how to get the default demo portal back when an earlier start has chosen another one. */
function describeWayBack(choice: DemoChoice, kept: { offers: number; speed: number }): string {
  const flags = [
    choice.offers === null && kept.offers !== defaultOffers ? `--offers ${defaultOffers}` : "",
    choice.speed === null && kept.speed !== defaultSpeed ? `--clock ${defaultSpeed}` : "",
  ].filter((flag) => flag !== "");
  return flags.length === 0
    ? ""
    : `, as an earlier start chose; to undo that: npm start -- ${flags.join(" ")}`;
}

/** Returns the reason why the stored demo portal cannot be served; null when it can. */
function findReason(stored: DemoState, { offers }: DemoChoice, today: string): string | null {
  if (offers !== null && offers !== stored.offers)
    return `and removes the exports of its ${stored.offers} offers`;
  if (countDays(stored.madeOn, today) > maxAgeDays) return `because its offers were made on ${stored.madeOn}`;
  return stored.sample === hashSample(stored.madeOn) ? null : "because this version makes other offers";
}

function countDays(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: "days" }).days;
}

/** Hashes a few offers of a day. The hash changes when a new version of the program makes other offers. */
function hashSample(today: string): string {
  return createHash("sha256")
    .update(JSON.stringify(makeDemo({ today, offers: 50 })))
    .digest("hex");
}

/**
 * Returns the demo portal's previous port in this folder; 0 when the folder holds no port. The portal keeps its port,
 * because stored exports and snapshots depend on its address.
 */
export async function readPort(directory: string): Promise<number> {
  const text = await readFile(join(directory, portFile), "utf8").catch(() => "0");
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

export async function savePort(directory: string, url: string): Promise<void> {
  await writeFile(join(directory, portFile), new URL(url).port);
}

const portFile = "portal-port";

const ClockState = z.object({ speed: z.number(), systemMs: z.number(), clockMs: z.number() });
type ClockState = z.infer<typeof ClockState>;

/**
 * Opens the clock of this folder, with the previous clock's speed when `chosen` is null. A clock with another speed
 * than the previous one continues the previous clock's time. Otherwise the stored times, such as the ends of waits,
 * would be years before or after the new clock's time.
 */
export async function openClock(
  directory: string,
  chosen: number | null,
): Promise<{ clock: Clock; speed: number }> {
  const path = join(directory, clockFile);
  const known = ClockState.safeParse(readJson(await readFile(path, "utf8").catch(() => ""))).data;
  const speed = chosen ?? known?.speed ?? defaultSpeed;
  const origin = continueTime(known, speed);
  await writeFile(path, JSON.stringify({ speed, ...origin }));
  return { clock: createFastClock(speed, origin), speed };
}

function continueTime(known: ClockState | undefined, speed: number): ClockOrigin {
  if (known === undefined) return { systemMs: 0, clockMs: 0 };
  const { systemMs, clockMs } = known;
  if (known.speed === speed) return { systemMs, clockMs };
  return { systemMs: Date.now(), clockMs: createFastClock(known.speed, known).now() };
}

const clockFile = "clock.json";
