import { expect, it } from "vitest";
import { dateNow } from "../../functions/adapters/clock/clock.ts";
import { openClock } from "../../local/state-directory.ts";
import { makeTemporaryDirectory } from "../support/durable-runner.ts";

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
