import { createSeededRandom } from "./seeded-random.ts";
import { cancelEvent, type VirtualClock } from "./virtual-clock.ts";
import { makeTimeout } from "./virtual-globals.ts";

/**
 * A process of the service, such as one environment of a Lambda function. Everything that reaches its code from outside
 * passes `pass`: the answer of a service, the end of a sleep. So a process that has crashed or is frozen runs no code,
 * whatever it waits for, and the requests that it has sent still take effect.
 */
export type SimulatedProcess = ReturnType<typeof openSimulatedProcess>;

/**
 * Opens a process with its own ports of time and randomness. The seed decides its random values, and by how much its
 * date is wrong: by up to `maxSkewMs`, always by the same time.
 */
export function openSimulatedProcess(name: string, seed: string, virtual: VirtualClock, maxSkewMs = 0) {
  const numbers = createSeededRandom(`${seed} ${name}`);
  const skewMs = createSeededRandom(`${seed} skew of ${name}`).draw(2 * maxSkewMs + 1) - maxSkewMs;
  let hasCrashed = false;
  let thawed: PromiseWithResolvers<void> | null = null;

  /** Resolves while the process runs. While it is frozen, waits until it thaws. After a crash, never resolves. */
  async function pass(): Promise<void> {
    if (hasCrashed) await new Promise<never>(() => undefined);
    if (thawed === null) return;
    await thawed.promise;
    await pass();
  }

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = virtual.schedule(ms, resolve);
    const stop = () => {
      cancelEvent(wake);
      resolve();
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    await promise;
    signal?.removeEventListener("abort", stop);
    await pass();
  }

  const clock = {
    now: () => virtual.now() + skewMs,
    sleep,
    dateOf: (ms: number) => new Date(ms),
    system: { elapsedMs: virtual.now, sleep, timeout: (ms: number) => makeTimeout(virtual, ms) },
  };
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => numbers.draw(256)));
  const random = { bytes, uuid: () => formatUuid(bytes(16).toString("hex")), fraction: numbers.next };

  return {
    name,
    clock,
    random,
    pass,
    crash: () => {
      hasCrashed = true;
      thawed?.resolve();
    },
    freeze: () => {
      thawed ??= Promise.withResolvers<void>();
    },
    thaw: () => {
      thawed?.resolve();
      thawed = null;
    },
    hasCrashed: () => hasCrashed,
  };
}

function formatUuid(digits: string): string {
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
  ];
  return [...groups, digits.slice(20)].join("-");
}
