import type { About } from "../../functions/core/report/about.ts";
import type { Closing } from "../../functions/core/report/closing.ts";
import { describeFollowUp } from "../../functions/core/figure/due.ts";
import type { Language } from "../../functions/core/language/locale.ts";
import { locales } from "../../functions/core/language/locales.ts";
import { describeSummary } from "../../functions/core/figure/summary.ts";
import type { Row } from "../../functions/core/offer/row.ts";
import { buildAbout } from "./about.ts";
import { figuresOf } from "./figures.ts";

type Given = { language?: Language; about?: Partial<About>; rows?: Row[]; asOf?: string };

/** The sheets behind a report of those rows, of none where they do not matter. */
export function buildClosing(given: Given = {}): Closing {
  const { language = "nl", rows = [], asOf = "2024-10-04" } = given;
  const about = buildAbout(given.about);
  const locale = locales[language];
  const figures = figuresOf(rows, asOf);
  return {
    summary: describeSummary(figures, about, locale),
    followUp: describeFollowUp(figures, about, locale),
    changes: null,
    about,
  };
}
