import type { Event } from "../../local/durable/execution.ts";

export type Stage = "crawl" | "report" | "publish";

export function hasBegun(events: Event[], stage: Stage): boolean {
  return stage === "crawl" || findStart(events, stage) !== undefined;
}

/** How long the stages of a finished execution took, by its runner's clock. */
export function measureStages(events: Event[]): Record<Stage, number> {
  const beganMs = events[0]?.atMs ?? NaN;
  const reportMs = findStart(events, "report") ?? NaN;
  const publishMs = findStart(events, "publish") ?? NaN;
  const endMs = events.at(-1)?.atMs ?? NaN;
  return { crawl: reportMs - beganMs, report: publishMs - reportMs, publish: endMs - publishMs };
}

function findStart(events: Event[], step: string): number | undefined {
  const isStart = (event: Event) =>
    event.kind === "checkpoint" &&
    event.updates.some(({ Name, Action }) => Name === step && Action === "START");
  return events.find(isStart)?.atMs;
}
