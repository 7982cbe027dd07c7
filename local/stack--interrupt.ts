import type { Stack } from "./stack.ts";

/** npm passes on the signal of a Ctrl-C that the terminal has sent already. */
const echoMs = 500;

/** What shells give for an end by Ctrl-C. */
const interruptedStatus = 130;

/** The first signal lets what runs finish, a later one does not. */
export function stopOnSignal(stack: Stack, say: (line: string) => void): AbortSignal {
  const interruption = new AbortController();
  let firstMs = 0;
  const interrupt = () => {
    if (interruption.signal.aborted) {
      if (Date.now() - firstMs > echoMs) process.exit(interruptedStatus);
      return;
    }
    firstMs = Date.now();
    interruption.abort();
    if (stack.isBusy()) say("finishing the running export; Ctrl-C again to stop at once");
    void stack.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupt);
  return interruption.signal;
}
