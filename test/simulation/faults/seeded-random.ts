/** A source of random numbers. The same seed gives the same numbers in the same order. */
export type SeededRandom = {
  /** Returns a number from 0 to less than 1. */
  next: () => number;
  /** Returns a whole number from 0 to `max` - 1. */
  draw: (max: number) => number;
  pick: <T>(values: readonly [T, ...T[]]) => T;
};

export function createSeededRandom(seed: string): SeededRandom {
  const next = createSfc32(hashText(seed));
  const draw = (max: number) => Math.floor(next() * max);
  return {
    next,
    draw,
    pick: <T>(values: readonly [T, ...T[]]) => values[draw(values.length)] ?? values[0],
  };
}

/** Chris Doty-Humphrey's generator sfc32, of his test suite PractRand. */
function createSfc32(seed: number): () => number {
  let [a, b, c, counter] = [seed, mix(seed), mix(seed + 1), 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return toFraction(sum);
  };
  // The first numbers still depend on the seed in a simple way.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** Hashes a text to 32 bits: FNV-1a, then `mix`, because FNV-1a alone gives similar texts similar numbers. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the number changes about half of the bits of the result. */
export function mix(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** Maps a number of 32 bits to a fraction from 0 to less than 1. */
export function toFraction(bits: number): number {
  return (bits >>> 0) / 2 ** 32;
}
