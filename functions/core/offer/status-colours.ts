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
  open: { strong: "#2268d3", onDark: "#587ac5", bar: "#8aa2e1", fill: "#bfccf3" },
  accepted: { strong: "#2a9160", onDark: "#86e9d2", bar: "#8fdcd1", fill: "#d5f7e9" },
  rejected: { strong: "#b40f0f", onDark: "#ef7272", bar: "#ec6157", fill: "#e7aeac" },
  expired: { strong: "#cb8222", onDark: "#deb32e", bar: "#d9b44a", fill: "#f0dbac" },
};

/** The order of the statuses in a stacked column, from the bottom up. Green and red do not touch. */
export const stackedStatuses: readonly Status[] = ["accepted", "open", "expired", "rejected"];
