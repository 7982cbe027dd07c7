import { onTestFinished, vi } from "vitest";

/** All that is written to stdout, stderr and the console from now on, and no longer shown, until the test ends. */
export function captureOutput(): () => string {
  const lines: string[] = [];
  const keep = (...written: unknown[]) => {
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
