const blockBytes = 65_536;

/** A byte tells a text's length. */
export const maxShelfUnits = 255;

/** Texts of one byte a unit, a byte for the length before each: they cost neither an object nor a collector's time. */
export function createStringShelf() {
  let block = new Uint8Array(blockBytes);
  const blocks = [block];
  let usedBytes = 0;

  /** Answers where the text stands. */
  function put(text: string): number {
    if (usedBytes + 1 + text.length > blockBytes) {
      block = new Uint8Array(blockBytes);
      blocks.push(block);
      usedBytes = 0;
    }
    const place = (blocks.length - 1) * blockBytes + usedBytes;
    block[usedBytes] = text.length;
    for (let unit = 0; unit < text.length; unit += 1) block[usedBytes + 1 + unit] = text.charCodeAt(unit);
    usedBytes += 1 + text.length;
    return place;
  }

  function holds(place: number, text: string): boolean {
    const stored = read(place);
    if (stored.length !== text.length) return false;
    return stored.every((code, unit) => code === text.charCodeAt(unit));
  }

  /** The text's units. */
  function read(place: number): Uint8Array {
    const start = (place % blockBytes) + 1;
    const from = blocks[Math.floor(place / blockBytes)] ?? block;
    return from.subarray(start, start + (from[start - 1] ?? 0));
  }

  return { put, holds, read };
}
