import { hashText, mix, toFraction } from "./seeded-random.ts";

/** A fault that was injected. `id` names the place and the how manieth draw at this place it was. */
export type InjectedFault = { id: string; kind: string };

/** How many of 1,000 draws give each kind of fault. */
export type FaultRates<K extends string> = Readonly<Partial<Record<K, number>>>;

/**
 * Draws the faults and the delays of a history. A draw depends only on the seed, the place and the number of earlier
 * draws at this place. So a history without one of its faults has the same draws as before at all other places, and a
 * failing history can be shrunk fault by fault.
 */
export type FaultSource = {
  /** Returns the kind of fault that happens at the place now; null for none. */
  drawFault: <K extends string>(place: string, rates: FaultRates<K>) => K | null;
  /** Returns a delay from `minMs` to `maxMs`. Short delays are frequent and long ones rare. */
  drawDelayMs: (place: string, minMs: number, maxMs: number) => number;
  /** Returns true once for each two calls on average. */
  drawSide: (place: string) => boolean;
  /** Stops the faults. Delays go on. */
  calm: () => void;
  injected: () => readonly InjectedFault[];
};

/** Opens the faults of a seed. The faults with the ids in `suppressed` do not happen. */
export function openFaultSource(
  seed: string,
  suppressed: ReadonlySet<string> = new Set<string>(),
): FaultSource {
  const base = hashText(seed);
  const injected: InjectedFault[] = [];
  let isCalm = false;

  /** Opens the draws of one kind at all places. `suffix` makes them differ from those of the other kinds. */
  function openDraws(suffix: string): (place: string) => { fraction: number; count: number } {
    const draws = new Map<string, { hash: number; count: number }>();
    return (place) => {
      let known = draws.get(place);
      if (known === undefined) {
        known = { hash: mix(hashText(`${place}${suffix}`) ^ base), count: 0 };
        draws.set(place, known);
      }
      known.count += 1;
      return {
        fraction: toFraction(mix(known.hash + Math.imul(known.count, 0x9e3779b9))),
        count: known.count,
      };
    };
  }

  const draw = openDraws("");
  const drawDelay = openDraws(" delay");
  const drawTurn = openDraws(" side");

  return {
    drawFault(place, rates) {
      const { fraction, count } = draw(place);
      if (isCalm) return null;
      const kind = findKind(rates, fraction * 1000);
      if (kind === null) return null;
      const id = `${place} #${count}`;
      if (suppressed.has(id)) return null;
      injected.push({ id, kind });
      return kind;
    },
    drawDelayMs(place, minMs, maxMs) {
      const { fraction } = drawDelay(place);
      return minMs + Math.floor(fraction ** 3 * (maxMs - minMs + 1));
    },
    drawSide: (place) => drawTurn(place).fraction < 0.5,
    calm() {
      isCalm = true;
    },
    injected: () => injected,
  };
}

function findKind<K extends string>(rates: FaultRates<K>, perMille: number): K | null {
  let upTo = 0;
  for (const kind in rates) {
    upTo += rates[kind] ?? 0;
    if (perMille < upTo) return kind;
  }
  return null;
}
