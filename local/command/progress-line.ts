/** The part of a terminal, a file or a pipe that shows progress. */
export type ProgressOutput = { isTTY?: boolean; columns?: number; write: (text: string) => unknown };

/** The minimum time between two lines where lines cannot be rewritten. */
const pauseMs = 10_000;

/**
 * Shows progress: on a terminal in one line that is rewritten, elsewhere in a line now and then. `end` removes the line
 * from a terminal. Once the signal aborts, the line stays as it is, because other lines follow it.
 */
export function openProgressLine(
  output: ProgressOutput,
  { now = Date.now, signal }: { now?: () => number; signal?: AbortSignal | undefined } = {},
): { show: (line: string) => void; end: () => void } {
  let shownMs = -Infinity;
  if (output.isTTY !== true) {
    const show = (line: string) => {
      if (now() - shownMs < pauseMs) return;
      shownMs = now();
      output.write(`${line}\n`);
    };
    return { show, end: () => undefined };
  }
  const clear = "\r\u001B[K";
  // A line that fills the width would wrap, and then could not be rewritten.
  // A terminal that does not know its size says that it has 0 columns.
  const width = () => (output.columns || 80) - 1;
  const write = (text: string) => {
    if (signal?.aborted !== true) output.write(text);
  };
  const show = (line: string) => write(`${clear}${line.slice(0, width())}`);
  return { show, end: () => write(clear) };
}
