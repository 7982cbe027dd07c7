import type { Status } from "./offer-status.ts";

/**
 * The colours of a status on the page, in the mail and in the workbook. `strong` is for lines, marks and columns of
 * charts on a light background, and is visible on black too. `onDark` replaces it on the page in dark mode. `bar` and
 * `fill` are for the background of black text: data bars in a cell, and whole cells.
 */
export type StatusColours = { strong: string; onDark: string; bar: string; fill: string };

/**
 * The statuses differ in lightness, so that they can be told apart in greyscale print, and also for readers who are
 * colour-blind. `test/core/offer/status-colours.test.ts` has the smallest differences.
 */
export const statusColours: Record<Status, StatusColours> = {
  open: { strong: "#2a66dd", onDark: "#83a2e4", bar: "#93b1ea", fill: "#bcd4f5" },
  accepted: { strong: "#12925a", onDark: "#37cda2", bar: "#74d8b8", fill: "#b4efdb" },
  rejected: { strong: "#ab2823", onDark: "#e65d57", bar: "#df8079", fill: "#e9b3ae" },
  expired: { strong: "#c7860f", onDark: "#f3cb6d", bar: "#f2d88e", fill: "#fef3d3" },
};

/** The order of the statuses in a stacked column, from the bottom up. Green and red do not touch. */
export const stackedStatuses: readonly Status[] = ["accepted", "open", "expired", "rejected"];
