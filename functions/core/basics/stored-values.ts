import * as z from "zod";

export const count = z.int().min(0);
export const moment = z.iso.datetime();

/** How far the reading of the portal has come, as its reader is told. */
export const Progress = z.object({
  pages: count,
  offers: count,
  /** While the rate limit lets nothing through. */
  waitingUntil: moment.nullable(),
  estimatedFinishAt: moment.nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const noProgress: Progress = { pages: 0, offers: 0, waitingUntil: null, estimatedFinishAt: null };
