import type { Violation } from "./invariants.ts";
import type { ShrunkHistory } from "./shrink-history.ts";

/** Ids that the service makes: of exports, and of other things in hexadecimal. */
const ids = /[0-9a-z]{9}-[0-9a-f]{12}-[0-9a-f]{12}/g;

const maxLines = 200;

/** Describes a failing history for a person: what it violates, what had to happen for it, and what happened. */
export function describeHistory(seed: string, { run, left, runs }: ShrunkHistory): string {
  const { plan, world, violations } = run;
  const names = new Map<string, string>();
  const kinds = new Map(world.faults.injected().map(({ id, kind }) => [id, kind]));
  const lines = [
    `seed ${seed}: ${plan.offers} offers, ${plan.users.length} users, ${left.length} faults and actions after ${runs} runs`,
    ...violations.map(describeViolation),
    ...left.map((id) => `with ${id}${kinds.has(id) ? `: ${kinds.get(id)}` : ""}`),
    ...cutTrace(world.trace.lines()),
  ];
  return lines.map((line) => shortenIds(line, names)).join("\n");
}

export function describeViolation({ invariant, detail }: Violation): string {
  return `${invariant}: ${detail}`;
}

/** Gives each export a short name, in the order in which their ids appear. */
function shortenIds(text: string, names: Map<string, string>): string {
  return text.replaceAll(ids, (id) => {
    const name = names.get(id) ?? `export-${nameNumber(names.size)}`;
    names.set(id, name);
    return name;
  });
}

function nameNumber(number: number): string {
  const letter = String.fromCharCode("A".charCodeAt(0) + (number % 26));
  return number < 26 ? letter : `${letter}${Math.floor(number / 26)}`;
}

function cutTrace(lines: readonly string[]): string[] {
  if (lines.length <= maxLines) return [...lines];
  const half = maxLines / 2;
  return [...lines.slice(0, half), `… ${lines.length - maxLines} lines …`, ...lines.slice(-half)];
}
