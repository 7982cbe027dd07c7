import * as z from "zod";

export const wholeNumber = z.int().min(0);
export const isoMoment = z.iso.datetime();

/** How far the reading of the portal has come, as its reader is told. */
export const Progress = z.object({
  pages: wholeNumber,
  offers: wholeNumber,
  /** While the rate limit lets nothing through. */
  waitingUntil: isoMoment.nullable(),
  estimatedFinishAt: isoMoment.nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const noProgress: Progress = { pages: 0, offers: 0, waitingUntil: null, estimatedFinishAt: null };
