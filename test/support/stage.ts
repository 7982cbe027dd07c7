import type { Event } from "../../local/durable/execution.ts";

export type Stage = "crawl" | "names" | "report";

const firstSteps = { names: "names-1", report: "report" };

export function hasBegun(events: Event[], stage: Stage): boolean {
  return stage === "crawl" || findStart(events, firstSteps[stage]) !== undefined;
}

/** How long the stages of a finished execution took, by its runner's clock. */
export function measureStages(events: Event[]): Record<Stage, number> {
  const beganMs = events[0]?.atMs ?? NaN;
  const [namesMs = NaN, reportMs = NaN] = Object.values(firstSteps).map((step) => findStart(events, step));
  const endMs = events.at(-1)?.atMs ?? NaN;
  return {
    crawl: namesMs - beganMs,
    names: reportMs - namesMs,
    report: endMs - reportMs,
  };
}

function findStart(events: Event[], step: string): number | undefined {
  const isStart = (event: Event) =>
    event.kind === "checkpoint" &&
    event.updates.some(({ Name, Action }) => Name === step && Action === "START");
  return events.find(isStart)?.atMs;
}
