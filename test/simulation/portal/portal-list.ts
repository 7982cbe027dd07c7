import type { FaultSource } from "../faults/fault-source.ts";
import {
  correctOffer,
  decideOffer,
  makeOffer,
  makeVersion,
  type OfferVersion,
  poolOffers,
} from "./portal-offers.ts";
import { createSeededRandom } from "../faults/seeded-random.ts";

/**
 * How the list keeps its order. `stable` keeps to what reports assume. The others break it: a decided offer moves to
 * the growing end (`by change`), neighbours change places (`ties`), offers enter in the middle or at both ends, and
 * offers are deleted as soon as they are made (`fleeting`).
 */
export type ListOrder = "stable" | "by change" | "ties" | "middle" | "both ends" | "fleeting";

/** A change of the list. `import` and `purge` are many at once. */
export type ListChange = "insert" | "delete" | "decide" | "correct" | "import" | "purge";

export type PortalEvent = {
  atMs: number;
  type: "offer-created" | "offer-deleted" | "offer-accepted" | "offer-rejected";
  id: string;
};

/** An offer through time. `toMs` is when it was deleted. */
export type ListedOffer = {
  readonly id: string;
  readonly fromMs: number;
  toMs: number;
  current: OfferVersion;
  /** All versions, oldest first. Null while there has been only one, which is how most offers stay. */
  versions: { sinceMs: number; version: OfferVersion }[] | null;
};

export type PortalList = ReturnType<typeof openPortalList>;

export type ListSettings = {
  seed: string;
  size: number;
  startMs: number;
  /** The end where new offers enter: `near` is page 1. */
  grows: "near" | "far";
  order: ListOrder;
  faults: FaultSource;
  /** The portal's clock is ahead of the world's by this much. */
  skewMs: number;
  emit: (event: PortalEvent) => void;
};

const dayMs = 86_400_000;
/** Offers are decided up to this time after they were made. Later decisions are corrections. */
const decidedWithinMs = 60 * dayMs;
/** Only offers of at least this age are deleted. A younger one could come and go between two readings. */
const minAgeMs = 36 * 3_600_000;
const maxEarlier = 4;
const bulk = { min: 16, max: 70 };

/** Opens a list of offers that changes, and remembers all that it has held. */
export function openPortalList(settings: ListSettings) {
  const { seed, size, startMs, grows, order, faults, emit } = settings;
  const random = createSeededRandom(`${seed} list`);
  /** The list, oldest offer first. */
  const offers: ListedOffer[] = poolOffers(size, startMs)
    .slice(0, size)
    .toReversed()
    .map((version) => ({
      id: version.fields.id,
      fromMs: -Infinity,
      toMs: Infinity,
      current: version,
      versions: null,
    }));
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  let made = 0;
  /** The list as it was before its last changes, newest first. */
  const earlier: ListedOffer[][] = [];

  function keepEarlier(): void {
    earlier.unshift([...offers]);
    if (earlier.length > maxEarlier) earlier.pop();
  }

  function insert(nowMs: number): ListedOffer {
    made += 1;
    const fields = makeOffer(`N${String(made).padStart(6, "0")}`, nowMs + settings.skewMs, random);
    const version = makeVersion(fields);
    const offer = { id: fields.id, fromMs: nowMs, toMs: Infinity, current: version, versions: null };
    const place =
      order === "middle"
        ? random.draw(offers.length + 1)
        : order === "both ends" && random.next() < 0.5
          ? 0
          : offers.length;
    keepEarlier();
    offers.splice(place, 0, offer);
    byId.set(offer.id, offer);
    emit({ atMs: nowMs, type: "offer-created", id: offer.id });
    return offer;
  }

  function remove(offer: ListedOffer, nowMs: number): void {
    keepEarlier();
    offers.splice(offers.indexOf(offer), 1);
    offer.toMs = nowMs;
    emit({ atMs: nowMs, type: "offer-deleted", id: offer.id });
  }

  function replace(offer: ListedOffer, version: OfferVersion, nowMs: number): void {
    offer.versions ??= [{ sinceMs: offer.fromMs, version: offer.current }];
    offer.versions.push({ sinceMs: nowMs, version });
    offer.current = version;
    if (order === "by change") offers.push(...offers.splice(offers.indexOf(offer), 1));
  }

  /** Picks an offer of the list. Null when a few tries find none that fits. */
  function pick(newest: number, fits: (offer: ListedOffer) => boolean): ListedOffer | null {
    const among = Math.min(newest, offers.length);
    for (let tries = 0; tries < 20; tries += 1) {
      const offer = offers[offers.length - 1 - random.draw(among)];
      if (offer !== undefined && fits(offer)) return offer;
    }
    return null;
  }

  const isOld = (nowMs: number) => (offer: ListedOffer) => offer.fromMs < nowMs - minAgeMs;
  const isOpen = (nowMs: number) => (offer: ListedOffer) => {
    const { acceptedAt, rejectedAt, createdAt } = offer.current.fields;
    return acceptedAt === null && rejectedAt === null && Date.parse(createdAt) > nowMs - decidedWithinMs;
  };

  function apply(change: ListChange, nowMs: number): void {
    if (change === "insert") {
      const offer = insert(nowMs);
      if (order === "fleeting") remove(offer, nowMs);
    }
    if (change === "delete") {
      const offer = pick(random.next() < 0.5 ? 60 : Infinity, isOld(nowMs));
      if (offer !== null) remove(offer, nowMs);
    }
    if (change === "decide") {
      const offer = pick(300, isOpen(nowMs));
      const isAccepted = random.next() < 0.7;
      if (offer === null) return;
      replace(offer, makeVersion(decideOffer(offer.current.fields, nowMs, isAccepted)), nowMs);
      emit({ atMs: nowMs, type: isAccepted ? "offer-accepted" : "offer-rejected", id: offer.id });
    }
    if (change === "correct") {
      const offer = pick(Infinity, () => true);
      if (offer !== null) replace(offer, makeVersion(correctOffer(offer.current.fields, random)), nowMs);
    }
    if (change === "import" || change === "purge") {
      const count = bulk.min + random.draw(bulk.max - bulk.min);
      for (let index = 0; index < count; index += 1) apply(change === "import" ? "insert" : "delete", nowMs);
    }
  }

  /** Lets neighbours change places, as a database does with rows of the same sort key. */
  function swapTies(): void {
    const place = random.draw(Math.max(1, offers.length - 40));
    const group = offers.splice(place, 40);
    for (let index = group.length - 1; index > 0; index -= 1) {
      const other = random.draw(index + 1);
      const [a, b] = [group[index], group[other]];
      if (a !== undefined && b !== undefined) [group[index], group[other]] = [b, a];
    }
    offers.splice(place, 0, ...group);
  }

  function sliceList(all: ListedOffer[], start: number, end: number): ListedOffer[] {
    if (grows === "far") return all.slice(start, end);
    const count = all.length;
    return all.slice(Math.max(0, count - end), Math.max(0, count - start)).toReversed();
  }

  return {
    apply,
    /** Lets the list change as it does between two answers. Faults draw the changes, so each can be left out. */
    stir(rates: Readonly<Partial<Record<ListChange, number>>>, nowMs: number): void {
      const change = faults.drawFault("portal change", rates);
      if (change !== null) apply(change, nowMs);
      if (order === "ties" && faults.drawFault("portal ties", { swap: 100 }) !== null) swapTies();
    },
    length: () => offers.length,
    /** Returns the offers from `start` (from 0) to before `end`, as the portal lists them. */
    slice: (start: number, end: number) => sliceList(offers, start, end),
    /**
     * Returns the same part of the list as it was a few changes ago. Null when that is no other, or when it holds an
     * offer that has been deleted.
     */
    sliceEarlier(start: number, end: number): ListedOffer[] | null {
      if (earlier.length === 0) return null;
      const shown = sliceList(earlier[random.draw(earlier.length)] ?? [], start, end);
      const now = sliceList(offers, start, end);
      const isSame = shown.length === now.length && shown.every((offer, index) => offer === now[index]);
      return isSame || shown.some(({ toMs }) => toMs !== Infinity) ? null : shown;
    },
    find: (id: string) => byId.get(id) ?? null,
    everListed: (): Iterable<ListedOffer> => byId.values(),
  };
}

/** Judges reports by what the list has held. */
export type ListTruth = ReturnType<typeof openListTruth>;

export function openListTruth(list: PortalList) {
  return {
    /** Returns the ids of the offers that the list held from `fromMs` to `toMs` without a break. */
    mustHave(fromMs: number, toMs: number): Set<string> {
      const ids = new Set<string>();
      for (const offer of list.everListed())
        if (offer.fromMs <= fromMs && offer.toMs > toMs) ids.add(offer.id);
      return ids;
    },
    /** True when the list held the offer at some moment from `fromMs` to `toMs`. */
    mayHave(id: string, fromMs: number, toMs: number): boolean {
      const offer = list.find(id);
      return offer !== null && offer.fromMs <= toMs && offer.toMs >= fromMs;
    },
    /** Returns what the portal said about the offer from `fromMs` to `toMs`, oldest first. */
    versionsIn(id: string, fromMs: number, toMs: number): OfferVersion[] {
      const offer = list.find(id);
      if (offer === null) return [];
      if (offer.versions === null) return [offer.current];
      return offer.versions
        .filter(
          ({ sinceMs }, index, all) => sinceMs <= toMs && (all[index + 1]?.sinceMs ?? Infinity) >= fromMs,
        )
        .map(({ version }) => version);
    },
    /**
     * Compares the ids of a report with the list. Returns the offers that it lacks and those that it should not have; an
     * id that stands in it twice counts as the latter.
     */
    compareIds(ids: readonly string[], fromMs: number, toMs: number): { lacks: string[]; invents: string[] } {
      const seen = new Set<string>();
      const invents: string[] = [];
      for (const id of ids) {
        if (seen.has(id) || !this.mayHave(id, fromMs, toMs)) invents.push(id);
        seen.add(id);
      }
      const lacks = [...this.mustHave(fromMs, toMs)].filter((id) => !seen.has(id));
      return { lacks, invents };
    },
  };
}
