import { onTestFinished, vi } from "vitest";
import { collect } from "./journal.ts";

/** All that is written to stdout, stderr and the console from now on, and no longer shown, until the test ends. */
export function captureOutput(): () => string {
  const lines: string[] = [];
  const keep = (...written: unknown[]) => {
    written.forEach(collect);
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
export function spyOnErrors() {
  return vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    collect(chunk);
    return true;
  });
}

/** Asks again until it holds: on a machine that has other things to do that takes seconds. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
