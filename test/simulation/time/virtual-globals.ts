import { createSeededRandom } from "../faults/seeded-random.ts";
import { cancelEvent, type ScheduledEvent, type VirtualClock } from "./virtual-clock.ts";

// The service's own code takes time and randomness through ports. Libraries do not: the durable SDK sets timers, and
// the spreadsheet's library asks for the date. While a history runs, their time is virtual too.

const real = {
  Date: globalThis.Date,
  random: Math.random,
  timeout: AbortSignal.timeout.bind(AbortSignal),
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
};

/** Replaces the global sources of time and randomness until the returned function is called. */
export function installVirtualGlobals(clock: VirtualClock, seed: string): () => void {
  Math.random = createSeededRandom(`${seed} libraries`).next;
  readNow = clock.now;
  Object.assign(globalThis, { Date: VirtualDate, ...makeTimers(clock) });
  AbortSignal.timeout = (ms) => makeTimeout(clock, ms);
  return () => {
    const { Date, setTimeout, clearTimeout, setInterval, clearInterval } = real;
    Object.assign(globalThis, { Date, setTimeout, clearTimeout, setInterval, clearInterval });
    Math.random = real.random;
    AbortSignal.timeout = real.timeout;
  };
}

/** Returns the time of the history that runs. */
let readNow = real.Date.now;

/**
 * A `Date` whose current time is that of the history. Dates that others have made count as its instances. All histories
 * share the class, because the compiled code of everything that makes dates depends on it.
 */
class VirtualDate extends real.Date {
  constructor(...given: [] | [number]) {
    super(...(given.length === 0 ? ([readNow()] as const) : given));
  }
  static override now = () => readNow();
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof real.Date;
  }
}

/** A timer as `setTimeout` returns it. A virtual timer never keeps the process alive, so `ref` and `unref` do nothing. */
class VirtualTimer {
  event: ScheduledEvent | null = null;
  ref = () => this;
  unref = () => this;
  hasRef = () => false;
}

type Work = (...given: unknown[]) => void;

function makeTimers({ schedule }: VirtualClock) {
  function setTimer(isRepeated: boolean, run: Work, ms = 0, ...given: unknown[]): VirtualTimer {
    const timer = new VirtualTimer();
    const delayMs = Math.max(1, ms);
    const fire = () => {
      timer.event = isRepeated ? schedule(delayMs, fire) : null;
      run(...given);
    };
    timer.event = schedule(delayMs, fire);
    return timer;
  }
  const clear = (timer: unknown) => {
    if (timer instanceof VirtualTimer && timer.event !== null) cancelEvent(timer.event);
  };
  return {
    setTimeout: (run: Work, ms?: number, ...given: unknown[]) => setTimer(false, run, ms, ...given),
    setInterval: (run: Work, ms?: number, ...given: unknown[]) => setTimer(true, run, ms, ...given),
    clearTimeout: clear,
    clearInterval: clear,
  };
}

export function makeTimeout({ schedule }: VirtualClock, ms: number): AbortSignal {
  const controller = new AbortController();
  schedule(ms, () => controller.abort(new DOMException("The time is up.", "TimeoutError")));
  return controller.signal;
}
