import { randomBytes, randomUUID } from "node:crypto";

/** The source of all random values. A simulation replaces it, so that the same seed leads to the same values. */
export interface Random {
  /** Returns `count` bytes that nobody can guess, for ids and secrets. */
  bytes: (count: number) => Buffer;
  uuid: () => string;
  /** Returns a number from 0 up to, but not including, 1. Spreads the pauses of processes that compete. */
  fraction: () => number;
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
  fraction: () => Math.random(),
};
