import { afterEach, describe, expect, it } from "vitest";
import { openSimulatedProcess } from "./simulated-process.ts";
import { cancelEvent, openVirtualClock } from "./virtual-clock.ts";
import { installVirtualGlobals } from "./virtual-globals.ts";

const startMs = Date.UTC(2026, 1, 1);
const yearMs = 365 * 24 * 3_600_000;

describe("the virtual clock", () => {
  it("lets a year of sleeps pass without waiting", async () => {
    const clock = openVirtualClock(startMs);
    const realMs = performance.now();
    await clock.complete(clock.sleep(yearMs));
    expect(clock.now()).toBe(startMs + yearMs);
    expect(performance.now() - realMs).toBeLessThan(1_000);
  });

  it("wakes in the order of time, and at the same time in the order of scheduling", async () => {
    const clock = openVirtualClock(startMs);
    const seen: string[] = [];
    const delays = [30, 10, 20, 10, 0, 30, 5];
    for (const [index, ms] of delays.entries()) clock.schedule(ms, () => void seen.push(`${ms}.${index}`));
    await clock.advance();
    expect(seen).toEqual(["0.4", "5.6", "10.1", "10.3", "20.2", "30.0", "30.5"]);
  });

  it("stands still until the code of an event has nothing left to do", async () => {
    const clock = openVirtualClock(startMs);
    const seen: number[] = [];
    const work = async () => {
      for (let round = 0; round < 10; round += 1) {
        await Promise.resolve();
        await new Promise<void>((resolve) => process.nextTick(resolve));
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
      seen.push(clock.now() - startMs);
    };
    clock.schedule(1, () => void work());
    clock.schedule(2, () => void seen.push(clock.now() - startMs));
    await clock.advance();
    expect(seen).toEqual([1, 2]);
  });

  it("stops at the time that it may advance to", async () => {
    const clock = openVirtualClock(startMs);
    let hasHappened = false;
    clock.schedule(1_000, () => (hasHappened = true));
    await clock.advance(startMs + 999);
    expect([hasHappened, clock.now()]).toEqual([false, startMs + 999]);
    await clock.advance(startMs + 1_000);
    expect(hasHappened).toBe(true);
  });

  it("lets no cancelled event happen", async () => {
    const clock = openVirtualClock(startMs);
    const event = clock.schedule(10, () => expect.unreachable());
    cancelEvent(event);
    await clock.advance();
    expect(clock.now()).toBe(startMs);
  });

  it("reports a promise that nothing can settle any more", async () => {
    const clock = openVirtualClock(startMs);
    await expect(clock.complete(new Promise(() => undefined))).rejects.toThrow("could settle the promise");
  });
});

describe("a simulated process", () => {
  it("runs no code after a crash", async () => {
    const clock = openVirtualClock(startMs);
    const process = openSimulatedProcess("one", "seed", clock);
    let hasWoken = false;
    void process.clock.sleep(10).then(() => (hasWoken = true));
    clock.schedule(5, process.crash);
    await clock.advance();
    expect(hasWoken).toBe(false);
  });

  it("runs no code while it is frozen, and goes on when it thaws", async () => {
    const clock = openVirtualClock(startMs);
    const process = openSimulatedProcess("one", "seed", clock);
    let wokenMs = 0;
    void process.clock.sleep(10).then(() => (wokenMs = clock.now() - startMs));
    clock.schedule(5, process.freeze);
    clock.schedule(3_600_000, process.thaw);
    await clock.advance();
    expect(wokenMs).toBe(3_600_000);
  });

  it("ends a sleep early when the signal aborts, and aborts a signal at its time", async () => {
    const clock = openVirtualClock(startMs);
    const { system } = openSimulatedProcess("one", "seed", clock).clock;
    const signal = system.timeout(250);
    await clock.complete(system.sleep(1_000, signal));
    expect([clock.now() - startMs, signal.aborted]).toEqual([250, true]);
  });

  it("draws the same random values for the same seed and name only", () => {
    const clock = openVirtualClock(startMs);
    const draw = (name: string, seed: string) => {
      const { random } = openSimulatedProcess(name, seed, clock);
      return [random.uuid(), random.bytes(6).toString("hex"), random.fraction()];
    };
    expect(draw("one", "seed")).toEqual(draw("one", "seed"));
    expect(draw("two", "seed")).not.toEqual(draw("one", "seed"));
    expect(draw("one", "other")).not.toEqual(draw("one", "seed"));
    expect(draw("one", "seed")[0]).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("the virtual globals", () => {
  let uninstall = () => undefined as void;
  afterEach(() => uninstall());

  it("give libraries the time of the history", async () => {
    const clock = openVirtualClock(startMs);
    uninstall = installVirtualGlobals(clock, "seed");
    const seen: string[] = [];
    const interval = setInterval(() => void seen.push(new Date().toISOString()), 60_000);
    const timer = setTimeout(() => expect.unreachable(), 90_000);
    setTimeout(() => clearInterval(interval), 150_000);
    clearTimeout(timer);
    await clock.advance();
    expect(seen).toEqual(["2026-02-01T00:01:00.000Z", "2026-02-01T00:02:00.000Z"]);
    expect(Date.now()).toBe(startMs + 150_000);
    expect(new Date(0)).toBeInstanceOf(Date);
    expect(new Date(2026, 0)).toEqual(new Date(2026, 0, 1));
  });

  it("end with the history", () => {
    const [date, timeout, random] = [Date, setTimeout, Math.random];
    installVirtualGlobals(openVirtualClock(startMs), "seed")();
    expect([Date, setTimeout, Math.random]).toEqual([date, timeout, random]);
  });
});
