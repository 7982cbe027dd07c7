import { onTestFinished, vi } from "vitest";
import { keepOutput } from "./written-output.ts";

/** All that is written to stdout, stderr and the console from now on, and no longer shown, until the test ends. */
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

/** A spy on what is written to stderr, which is no longer shown until it is restored. */
export function spyOnStderr() {
  return vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    keepOutput(chunk);
    return true;
  });
}

/** Asks again until it holds: on a machine that has other things to do that takes seconds. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
