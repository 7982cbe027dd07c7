import { onTestFinished, vi } from "vitest";
import { findWorld } from "./virtual-world.ts";
import { keepOutput } from "./written-output.ts";

/** Captures what is written to stdout, stderr and the console, and hides it, until the test ends. */
export function captureOutput(): () => string {
  const lines: string[] = [];
  const keep = (...written: unknown[]) => {
    written.forEach(keepOutput);
    lines.push(...written.map(String));
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((chunk) => keep(chunk)),
  );
  const methods = (["debug", "log", "info", "warn", "error"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(keep),
  );
  onTestFinished(() => [...streams, ...methods].forEach((spy) => spy.mockRestore()));
  return () => lines.join("\n");
}

/** Spies on stderr and hides what is written to it until the spy is restored. */
export function spyOnStderr() {
  return vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    keepOutput(chunk);
    return true;
  });
}

/** Repeats the check until it passes, for at most 20 seconds. In a virtual world, for at most a virtual day. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const world = findWorld();
  if (world === null) return await vi.waitFor(check, { timeout: 20_000, interval: 20 });
  for (let pauseMs = firstPauseMs; ; pauseMs *= 1.05) {
    try {
      return await check();
    } catch (error) {
      if (pauseMs > lastPauseMs) throw error;
      await world.clock.sleep(pauseMs);
    }
  }
}

const firstPauseMs = 20;
const lastPauseMs = 3_600_000;
