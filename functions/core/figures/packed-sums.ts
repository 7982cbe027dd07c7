import { addDecimal, type Decimal, zeroDecimal } from "../basics/decimal.ts";
import { reserveItem } from "../basics/string-set.ts";

/** The number of an owner's offers with the same key, and the exact sum of their amounts. */
export type PackedSum = { key: number; offers: number; value: Decimal };

/**
 * Counts and exact sums by owner and by key. Owners and keys are whole numbers from 0. A key is less than 2^31. The sums
 * stand in typed arrays, because objects would take several times as much memory.
 */
export type PackedSums = {
  /** Adds an offer. An offer without an amount is only counted. */
  add: (owner: number, key: number, amount: Decimal | null) => void;
  /** True for an owner with offers. */
  has: (owner: number) => boolean;
  /** Returns the owner's sums, one for each key; an empty list for an owner without offers. */
  read: (owner: number) => PackedSum[];
};

const firstLength = 1024;

/** An owner with more sums than this gets an index of them. Only a portal with absurd currencies causes it. */
const maxChain = 16;

export function openPackedSums(): PackedSums {
  /**
   * By owner: 0 for no offer, `key * 2 + 1` for a single offer with its amount in `singles`, and otherwise
   * `record * 2`, where `record` is the first of the owner's records.
   */
  let heads = new Uint32Array(firstLength);
  let singles = new Int32Array(firstLength);
  const records = openRecords();
  const indexes = new Map<number, Map<number, number>>();

  function findRecord(owner: number, key: number): number {
    const index = indexes.size === 0 ? undefined : indexes.get(owner);
    const known = index === undefined ? searchChain(owner, key) : index.get(key);
    if (known !== undefined) return known;
    const record = records.open(key, readHead(owner));
    heads[owner] = record * 2;
    indexes.get(owner)?.set(key, record);
    return record;
  }

  function searchChain(owner: number, key: number): number | undefined {
    let steps = 0;
    for (let record = readHead(owner); record !== 0; record = records.follow(record)) {
      if (records.hasKey(record, key)) return record;
      steps += 1;
    }
    if (steps >= maxChain) indexes.set(owner, indexChain(owner));
    return undefined;
  }

  function indexChain(owner: number): Map<number, number> {
    return new Map(listRecords(owner).map((record) => [records.read(record).key, record]));
  }

  /** Returns the first of the owner's records, or 0. */
  function readHead(owner: number): number {
    return (heads[owner] ?? 0) / 2;
  }

  function listRecords(owner: number): number[] {
    const found: number[] = [];
    for (let record = readHead(owner); record !== 0; record = records.follow(record)) found.push(record);
    return found;
  }

  function isSingle(owner: number): boolean {
    return (heads[owner] ?? 0) % 2 === 1;
  }

  function readSingle(owner: number): { key: number; cents: number } {
    return { key: ((heads[owner] ?? 0) - 1) / 2, cents: singles[owner] ?? 0 };
  }

  /** Makes a record of an owner's single offer. */
  function moveSingle(owner: number): void {
    const { key, cents } = readSingle(owner);
    heads[owner] = 0;
    records.add(findRecord(owner, key), fromCents(cents));
  }

  return {
    add(owner, key, amount) {
      heads = reserveItem(heads, owner, (length) => new Uint32Array(length));
      singles = reserveItem(singles, owner, (length) => new Int32Array(length));
      const cents = amount === null ? 0 : readCents(amount);
      if (heads[owner] === 0 && Math.abs(cents) <= maxSingleCents) {
        heads[owner] = key * 2 + 1;
        singles[owner] = cents;
        return;
      }
      if (isSingle(owner)) moveSingle(owner);
      records.add(findRecord(owner, key), amount);
    },
    has: (owner) => owner < heads.length && heads[owner] !== 0,
    read(owner) {
      if (!isSingle(owner)) return listRecords(owner).map((record) => records.read(record));
      const { key, cents } = readSingle(owner);
      return [{ key, offers: 1, value: fromCents(cents) }];
    },
  };
}

const maxSingleCents = 2 ** 31 - 1;

/** Opens the records of the owners with several offers. Their numbers begin at 1. Each record has a link to another. */
function openRecords() {
  let links = new Uint32Array(firstLength);
  let keys = new Uint32Array(firstLength);
  let counts = new Uint32Array(firstLength);
  let cents = new Float64Array(firstLength);
  /** The sums of the amounts that do not fit in `cents`. */
  const exact = new Map<number, Decimal>();
  let size = 1;

  function open(key: number, link: number): number {
    links = reserveItem(links, size, (length) => new Uint32Array(length));
    keys = reserveItem(keys, size, (length) => new Uint32Array(length));
    counts = reserveItem(counts, size, (length) => new Uint32Array(length));
    cents = reserveItem(cents, size, (length) => new Float64Array(length));
    keys[size] = key;
    links[size] = link;
    size += 1;
    return size - 1;
  }

  function add(record: number, amount: Decimal | null): void {
    counts[record] = (counts[record] ?? 0) + 1;
    if (amount === null) return;
    const sum = (cents[record] ?? 0) + readCents(amount);
    if (Number.isSafeInteger(sum)) cents[record] = sum;
    else addExact(record, amount);
  }

  function addExact(record: number, amount: Decimal): void {
    const sum = exact.get(record) ?? zeroDecimal();
    addDecimal(sum, amount);
    exact.set(record, sum);
  }

  function read(record: number): PackedSum {
    const value = fromCents(cents[record] ?? 0);
    const more = exact.get(record);
    if (more !== undefined) addDecimal(value, more);
    return { key: keys[record] ?? 0, offers: counts[record] ?? 0, value };
  }

  const follow = (record: number) => links[record] ?? 0;
  const hasKey = (record: number, key: number) => keys[record] === key;
  return { open, add, read, follow, hasKey };
}

/** Returns the amount in hundredths; NaN when these are no whole number, or too many for exact arithmetic. */
function readCents({ units, scale }: Decimal): number {
  if (scale > 2) return Number.NaN;
  const cents = Number(units) * 10 ** (2 - scale);
  return Number.isSafeInteger(cents) ? cents : Number.NaN;
}

function fromCents(cents: number): Decimal {
  return { units: BigInt(cents), scale: 2 };
}
