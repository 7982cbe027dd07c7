import { S3Client } from "@aws-sdk/client-s3";
import { expect, onTestFinished } from "vitest";
import * as z from "zod";
import type { Clock } from "../../functions/adapters/clock/clock.ts";
import type { Random } from "../../functions/adapters/random/random.ts";
import { connectionError, makeServiceError } from "../simulation/s3-commands.ts";
import { openFaultSource } from "../simulation/fault-source.ts";
import { openSimulatedProcess } from "../simulation/simulated-process.ts";
import { openSimulatedS3, type SimulatedS3 } from "../simulation/simulated-s3.ts";
import { compressSynchronously } from "../simulation/switched-zlib.ts";
import { openVirtualClock } from "../simulation/virtual-clock.ts";
import { installVirtualGlobals } from "../simulation/virtual-globals.ts";
import { createNetwork, type VirtualNetwork } from "./virtual-network.ts";

/**
 * The surroundings of a test that needs no real time, sockets or files. Time passes when the code waits for it, and at
 * once. While the world is open, `Date`, the global timers and `fetch` belong to it.
 */
export type VirtualWorld = {
  clock: Clock;
  random: Random;
  network: VirtualNetwork;
  /** Opens a bucket that clients of S3 reach at this endpoint. */
  openS3: (endpoint: string, bucket: string) => SimulatedS3;
  /**
   * Opens an endpoint of S3 in front of another one. `meet` gets each command, and a function that passes a command on.
   * Returns null when the other endpoint is not in this world.
   */
  openS3Proxy: (endpoint: string, meet: MeetCommand) => string | null;
  /** Stops the time until the promise settles, because the promise waits for something real, such as a child process. */
  hold: <T>(work: Promise<T>) => Promise<T>;
};

/** Sends a command of the SDK to a bucket. */
export type SendCommand = (command: unknown) => Promise<unknown>;

export type MeetCommand = (command: unknown, pass: SendCommand) => Promise<unknown>;

const Named = z.object({ input: z.object({ Bucket: z.string() }) });

/** A world begins at this time, which is after all dates in fixtures. */
export const worldStartMs = Date.UTC(2026, 11, 1, 9);
/** S3 needs this time for a request, and the same time for its answer. */
const s3Ms = 1;

let current: VirtualWorld | null = null;

/** Returns the world of the running test. Opens it, at `startMs`, if there is none. */
export function useWorld(startMs = worldStartMs): VirtualWorld {
  return (current ??= openWorld(startMs));
}

/** Returns the world of the running test; null when the test has none. */
export function findWorld(): VirtualWorld | null {
  return current;
}

function openWorld(startMs: number): VirtualWorld {
  const seed = expect.getState().currentTestName ?? "";
  const clock = openVirtualClock(startMs);
  const process = openSimulatedProcess("test", seed, clock);
  const network = createNetwork();
  const endpoints = new Map<string, SendCommand>();
  const trace = { note: () => undefined, lines: () => [], digest: () => "" };
  const uninstall = [
    installVirtualGlobals(clock, seed),
    replace(globalThis, { fetch: network.fetch }),
    replace(S3Client.prototype, { send }),
    clock.run(),
  ];
  compressSynchronously(true);
  onTestFinished(() => {
    for (const undo of uninstall.toReversed()) undo();
    compressSynchronously(false);
    current = null;
  });

  async function send(this: S3Client, command: unknown): Promise<unknown> {
    const answer = endpoints.get(await findEndpoint(this));
    if (answer === undefined) throw connectionError("ECONNREFUSED");
    return await answer(command);
  }

  return {
    clock: process.clock,
    random: process.random,
    network,
    hold: clock.hold,
    openS3(endpoint, bucket) {
      const delaysMs = { min: s3Ms, max: s3Ms, timeout: 30_000 };
      const s3 = openSimulatedS3({ clock, faults: openFaultSource(seed), trace, rates: {}, delaysMs });
      const port: { send?: SendCommand } = {};
      s3.serve(port, process);
      endpoints.set(endpoint, async (command) => {
        const { input } = Named.parse(command);
        if (input.Bucket !== bucket) throw makeServiceError(404, "NoSuchBucket");
        return await port.send?.(command);
      });
      return s3;
    },
    openS3Proxy(endpoint, meet) {
      const target = endpoints.get(endpoint);
      if (target === undefined) return null;
      const proxy = `http://s3-proxy-${endpoints.size}.test`;
      endpoints.set(proxy, (command) => meet(command, target));
      return proxy;
    },
  };
}

/** Replaces properties of the object until the returned function is called. */
function replace(target: object, properties: object): () => void {
  const before = Object.entries(Object.getOwnPropertyDescriptors(target)).filter(
    ([name]) => name in properties,
  );
  Object.assign(target, properties);
  return () => {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(target, name);
    Object.defineProperties(target, Object.fromEntries(before));
  };
}

async function findEndpoint({ config }: S3Client): Promise<string> {
  const { protocol, hostname, port } = (await config.endpoint?.()) ?? {};
  return port === undefined ? `${protocol}//${hostname}` : `${protocol}//${hostname}:${port}`;
}
