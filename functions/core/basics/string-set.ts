const firstSlots = 1024;

/**
 * Opens a hash table with open addressing. Its entries are whole numbers from 0, and each entry stands for a text with
 * the hash `hashOf(entry)`.
 */
function openSlots(hashOf: (entry: number) => number) {
  let count = 0;
  /** Each used slot holds an entry plus 1. A free slot holds 0. */
  let slots = new Uint32Array(firstSlots);

  /** Returns the slot of the wanted entry with this hash; if there is none, the free slot for such an entry. */
  function find(hash: number, isWanted: (entry: number) => boolean): number {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let used = slots[slot]; used !== undefined && used !== 0; used = slots[slot]) {
      if (isWanted(used - 1)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function read(slot: number): number | null {
    const used = slots[slot] ?? 0;
    return used === 0 ? null : used - 1;
  }

  function fill(slot: number, entry: number): void {
    slots[slot] = entry + 1;
    count += 1;
    if (count * 2 > slots.length) grow();
  }

  function grow(): void {
    const used = slots.filter((entry) => entry !== 0);
    slots = new Uint32Array(slots.length * 2);
    for (const entry of used) slots[find(hashOf(entry - 1), () => false)] = entry;
  }

  return { find, read, fill };
}

/**
 * Returns a function that remembers texts. The function returns true on the first call with a text, and false on every
 * later call with the same text. It takes less memory than a `Set`: a million ids add 45 MB to the peak memory of a
 * process instead of 67 MB.
 */
export function createStringSet(): (text: string) => boolean {
  const shelf = createStringShelf();
  const others = new Set<string>();
  const slots = openSlots((place) => hashBytes(shelf.read(place)));

  function addOther(text: string): boolean {
    if (others.has(text)) return false;
    others.add(text);
    return true;
  }

  return (text) => {
    if (!fitsShelf(text)) return addOther(text);
    const slot = slots.find(hashText32(text), (place) => shelf.holds(place, text));
    if (slots.read(slot) !== null) return false;
    slots.fill(slot, shelf.put(text));
    return true;
  };
}

/**
 * Numbers texts from 0, in the order in which they are added. `add` returns the number of a text, the same one each
 * time. `read` returns the text with a number. It takes about half the memory of a `Map`.
 */
export type TextNumbers = {
  add: (text: string) => number;
  read: (number: number) => string;
  size: () => number;
};

export function createTextNumbers(): TextNumbers {
  const shelf = createStringShelf();
  /** The texts that do not fit the shelf, and their numbers. */
  const others = new Map<string, number>();
  const otherTexts = new Map<number, string>();
  /** The place of each text on the shelf, by the text's number. */
  let places = new Uint32Array(firstSlots);
  let size = 0;
  const slots = openSlots((number) => hashBytes(shelf.read(places[number] ?? 0)));

  function addOther(text: string): number {
    const known = others.get(text);
    if (known !== undefined) return known;
    others.set(text, size);
    otherTexts.set(size, text);
    return openNumber(0);
  }

  function openNumber(place: number): number {
    places = reserveItem(places, size, (length) => new Uint32Array(length));
    places[size] = place;
    size += 1;
    return size - 1;
  }

  return {
    add(text) {
      if (!fitsShelf(text)) return addOther(text);
      const slot = slots.find(hashText32(text), (number) => shelf.holds(places[number] ?? 0, text));
      const known = slots.read(slot);
      if (known !== null) return known;
      const number = openNumber(shelf.put(text));
      slots.fill(slot, number);
      return number;
    },
    read: (number) => otherTexts.get(number) ?? String.fromCharCode(...shelf.read(places[number] ?? 0)),
    size: () => size,
  };
}

type NumberArray = { length: number; set: (items: ArrayLike<number>) => void } & ArrayLike<number>;

/** Returns the array; if the array has no item at this index, a longer copy in an array that `create` makes. */
export function reserveItem<Items extends NumberArray>(
  items: Items,
  index: number,
  create: (length: number) => Items,
): Items {
  if (index < items.length) return items;
  const longer = create(Math.max(items.length * 2, index + 1));
  longer.set(items);
  return longer;
}

function fitsShelf(text: string): boolean {
  return text.length <= maxShelfUnits && /^[\0-\u00ff]*$/.test(text);
}

/** The constants of the FNV-1a hash. */
const firstHash = 0x81_1c_9d_c5;
const prime = 0x01_00_01_93;

export function hashText32(text: string): number {
  let hash = firstHash;
  for (let unit = 0; unit < text.length; unit += 1) hash = Math.imul(hash ^ text.charCodeAt(unit), prime);
  return mixHash(hash);
}

function hashBytes(bytes: Uint8Array): number {
  return mixHash(bytes.reduce((hash, byte) => Math.imul(hash ^ byte, prime), firstHash));
}

/** Mixes the upper bits of a hash into its lower bits, because the lower bits choose the slot in the hash table. */
function mixHash(hash: number): number {
  return hash ^ (hash >>> 15);
}

const blockBytes = 65_536;

/**
 * The length of the longest text that `createStringShelf` can store. It is 255, because the length is stored in one
 * byte.
 */
export const maxShelfUnits = 255;

/**
 * Creates a store of texts, which may have only Latin-1 characters. The store keeps each text as bytes, after one byte
 * with the text's length. The garbage collector then handles a few large blocks of bytes instead of many texts.
 */
export function createStringShelf() {
  let block = new Uint8Array(blockBytes);
  const blocks = [block];
  let usedBytes = 0;

  /**
   * Appends the text and returns its position. The position is the offset of the byte with the text's length, counted
   * from the start of the first block.
   */
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
    const start = place % blockBytes;
    const from = blocks[Math.floor(place / blockBytes)] ?? block;
    if (from[start] !== text.length) return false;
    for (let unit = 0; unit < text.length; unit += 1)
      if (from[start + 1 + unit] !== text.charCodeAt(unit)) return false;
    return true;
  }

  /** Returns the bytes of the text that `put` stored at the position `place`. */
  function read(place: number): Uint8Array {
    const start = (place % blockBytes) + 1;
    const from = blocks[Math.floor(place / blockBytes)] ?? block;
    return from.subarray(start, start + (from[start - 1] ?? 0));
  }

  return { put, holds, read };
}
