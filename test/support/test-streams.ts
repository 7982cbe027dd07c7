import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Writable } from "node:stream";
import { buildRow } from "./report-fixtures.ts";
import type { Row } from "../../functions/core/report/report-row.ts";

export type StreamWriter = (sink: Writable) => Promise<void>;

/** Returns everything that `write` writes. */
export async function collectBytes(write: StreamWriter): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await write(sink);
  return Buffer.concat(chunks);
}

/** Opens a stream that fails at the first write, or only at its end. */
export function openFailingSink(when: "write" | "final"): Writable {
  const fail = (done: (error?: Error) => void) => done(new Error("the disk is full"));
  return new Writable({
    write: (_chunk, _encoding, done) => (when === "write" ? fail(done) : done()),
    final: (done) => (when === "final" ? fail(done) : done()),
  });
}

/**
 * Makes rows that compress badly. `pulled` counts the rows that were read. `isClosed` is true when reading has ended.
 */
export function openRowSource(rows: number): {
  rows: AsyncGenerator<Iterable<Row>>;
  seen: { pulled: number; isClosed: boolean };
} {
  const seen = { pulled: 0, isClosed: false };

  function* makeRows(): Generator<Row> {
    for (; seen.pulled < rows; seen.pulled += 1) yield buildRow({ customerName: makeNoise(seen.pulled) });
  }

  async function* generate(): AsyncGenerator<Iterable<Row>> {
    try {
      yield makeRows();
    } finally {
      seen.isClosed = true;
    }
  }

  return { rows: generate(), seen };
}

function makeNoise(seed: number): string {
  return createHash("shake256", { outputLength: 1500 }).update(String(seed)).digest("base64");
}

/**
 * Blocks the stream at its first write until the writer stops reading rows. Returns the number of rows that the
 * writer has read by then.
 */
export async function countRowsWhileStalled(write: StreamWriter, seen: { pulled: number }): Promise<number> {
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>();
  const held: (() => void)[] = [];
  let isReleased = false;
  const sink = new Writable({
    write(_chunk, _encoding, done) {
      stall();
      if (isReleased) done();
      else held.push(done);
    },
  });
  const writing = write(sink);
  await stalled;
  const pulled = await settle(seen);
  isReleased = true;
  for (const done of held) done();
  await writing;
  return pulled;
}

async function settle(seen: { pulled: number }): Promise<number> {
  for (let pulled = -1, quietTurns = 0; quietTurns < 20; pulled = seen.pulled) {
    await sleep(5);
    quietTurns = seen.pulled === pulled ? quietTurns + 1 : 0;
  }
  return seen.pulled;
}
