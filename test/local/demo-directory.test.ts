import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dateNow } from "../../functions/adapters/clock/clock.ts";
import { openClock as openDemoClock, openDemoDirectory } from "../../local/demo-directory.ts";
import { makeTemporaryDirectory } from "../support/durable-runner.ts";

const openClock = async (directory: string, speed: number | null) =>
  (await openDemoClock(directory, speed)).clock;

/** The longest time, in ms, that one of these tests may take. */
const maxMs = 5_000;

it.each([
  [60, 1],
  [1, 1000],
  [1000, 7],
])("the clock of a folder continues when its speed changes from %d to %d", async (before, after) => {
  const directory = await makeTemporaryDirectory();
  const reachedMs = (await openClock(directory, before)).now();
  const clock = await openClock(directory, after);
  expect(clock.now()).toBeGreaterThanOrEqual(reachedMs);
  expect(clock.now()).toBeLessThan(reachedMs + maxMs * before);
  const again = await openClock(directory, after);
  const shownMs = clock.now();
  expect(again.now()).toBeGreaterThanOrEqual(shownMs);
  expect(again.dateOf(again.now() + after * maxMs).getTime() - clock.dateOf(again.now()).getTime()).toBe(
    maxMs,
  );
  expect(Math.abs(dateNow(again).getTime() - Date.now())).toBeLessThan(maxMs);
});

it("the clock of a new folder shows the system's time at the speed of 1", async () => {
  const clock = await openClock(await makeTemporaryDirectory(), 1);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(maxMs);
});

it("the clock of a folder keeps its speed when none is chosen", async () => {
  const directory = await makeTemporaryDirectory();
  expect((await openDemoClock(directory, null)).speed).toBe(1);
  expect((await openDemoClock(directory, 60)).speed).toBe(60);
  expect((await openDemoClock(directory, null)).speed).toBe(60);
});

describe("the demo portal of a folder", () => {
  const unchosen = { speed: null, offers: null };
  const today = "2026-11-20";

  /** Opens the demo portal and stores an object about its offers. `hasKept` tells whether the object is still there. */
  async function openUsed(offers: number | null) {
    const directory = await makeTemporaryDirectory();
    const demo = await openDemoDirectory(directory, { speed: 60, offers }, today);
    const stored = join(demo.directory, "s3/object");
    await mkdir(join(demo.directory, "s3"));
    await writeFile(stored, "");
    await writeFile(join(directory, "of-another-portal"), "");
    const hasKept = () =>
      readFile(stored).then(
        () => true,
        () => false,
      );
    return { directory, demo, hasKept };
  }

  it("stays with its clock when nothing is chosen, or the same", async () => {
    const { directory, hasKept } = await openUsed(1000);
    for (const choice of [unchosen, { speed: 60, offers: 1000 }, { speed: 7, offers: null }]) {
      const { offers, madeOn, notice, speed } = await openDemoDirectory(directory, choice, "2026-11-27");
      expect({ offers, madeOn }).toEqual({ offers: 1000, madeOn: today });
      expect(speed).toBe(choice.speed ?? 60);
      const undo = [
        choice.offers === null ? " --offers 347" : "",
        choice.speed === null ? " --clock 1" : "",
      ].join("");
      const wayBack = undo && `, as an earlier start chose; to undo that: npm start --${undo}`;
      expect(notice).toBe(
        `demo portal: 1000 invented offers, made on ${today}, and time passes ${speed} times as fast for it${wayBack}`,
      );
    }
    expect(await hasKept()).toBe(true);
  });

  it("starts anew with another number of offers, and removes nothing of another portal", async () => {
    const { directory, hasKept } = await openUsed(null);
    const { notice, speed } = await openDemoDirectory(directory, { speed: null, offers: 20 }, today);
    expect(notice).toBe(
      "the demo portal starts anew, and removes the exports of its 347 offers: 20 invented offers, made on " +
        today,
    );
    expect(speed).toBe(1);
    expect(await hasKept()).toBe(false);
    expect(await readFile(join(directory, "of-another-portal"), "utf8")).toBe("");
  });

  it("starts anew after a week, with as many offers", async () => {
    const { directory, hasKept } = await openUsed(1000);
    const { notice, offers } = await openDemoDirectory(directory, unchosen, "2026-11-28");
    expect(offers).toBe(1000);
    expect(notice).toContain(`starts anew, because its offers were made on ${today}: 1000 invented offers`);
    expect(await hasKept()).toBe(false);
  });

  it("starts anew when this version makes other offers from the same number", async () => {
    const { directory, demo, hasKept } = await openUsed(null);
    const path = join(demo.directory, "demo.json");
    await writeFile(path, (await readFile(path, "utf8")).replace(/"sample":"\w+"/, '"sample":"another"'));
    const { notice } = await openDemoDirectory(directory, unchosen, today);
    expect(notice).toContain("starts anew, because this version makes other offers: 347");
    expect(await hasKept()).toBe(false);
  });
});
