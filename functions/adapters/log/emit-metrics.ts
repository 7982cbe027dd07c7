import type { End } from "../../core/delivery/delivery-state.ts";
import { figureDelivery, type Figures, isFigure, units } from "../../core/metrics/metrics.ts";
import { readIds } from "./log--ids.ts";

/**
 * One line of CloudWatch's embedded metric format, with the ids of where. Told after what it counts has been
 * written under a condition, by whoever wrote it: so nothing is counted twice, and what a process leaves
 * untold that dies in between is not counted.
 */
export async function tellFigures(figures: Figures): Promise<void> {
  const { metrics } = await import("./metrics-client.ts");
  for (const [name, value] of Object.entries(figures))
    if (isFigure(name)) metrics.addMetric(name, units[name], value);
  for (const [name, id] of Object.entries(readIds())) metrics.addMetadata(name, id);
  metrics.publishStoredMetrics();
}

/** Of one message. */
export async function countDelivery(end: End): Promise<void> {
  await tellFigures(figureDelivery(end));
}
