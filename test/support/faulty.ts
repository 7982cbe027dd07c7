import { makePage, type Page } from "../../functions/core/crawl/page.ts";
import { type Draw, type LivingList, showPage } from "./list.ts";

/** Errors of a portal's answers: what it makes of a page of a list. `always` is in every answer, else in a few. */
export const faults = [
  "empty",
  "emptyButNext",
  "last",
  "lastAlways",
  "doubledAlways",
  "moved",
  "short",
  "shortAlways",
  "miscounted",
  "miscountedAlways",
  "beyondFirst",
  "beyondLast",
  "beyondNext",
] as const;
export type Fault = (typeof faults)[number];

type Faulty = { list: LivingList; pageSize: number; draw: Draw; fault: Fault };

/** `twistedIds` are the offers that the error shows in another's place. */
export type Twist = { twist: (page: Page) => Page; twistedIds: string[] };

/** The answers of a portal that makes this error; the number of the page and of the answers is drawn. */
export function twistPages({ list, pageSize, draw, fault }: Faulty): Twist {
  const pages = Math.max(1, Math.ceil(list.ids.length / pageSize));
  const target = 1 + draw(Math.min(pages + 1, 1 + draw(pages + 1)));
  const isAlways = fault.endsWith("Always");
  let left = isAlways ? Infinity : 1;
  let skip = isAlways ? 0 : draw(3);
  const odd = draw(Math.max(1, list.ids.length));
  const oddId = list.ids[odd] ?? "";

  return { twist: answer, twistedIds: fault.startsWith("doubled") ? [oddId] : [] };

  function answer(page: Page): Page {
    if (fault.startsWith("beyond")) return twistBeyond(page);
    if (fault === "moved") return page;
    if (page.number !== target || left === 0 || skip-- > 0) return page;
    left -= 1;
    return twistOnce(page);
  }

  function twistOnce(page: Page): Page {
    const { number, offers, isLast } = page;
    switch (fault) {
      case "empty":
        return makePage(number, [], true);
      case "emptyButNext":
        return makePage(number, [], false);
      case "last":
      case "lastAlways":
        return { ...page, isLast: true };
      case "doubledAlways": {
        // One of its rows is another offer of the list.
        const at = draw(Math.max(1, offers.length));
        const shown = offers.map((offer, index) => (index === at ? { id: oddId } : offer));
        return makePage(number, shown, isLast);
      }
      case "short":
      case "shortAlways":
        // The last page may be shorter than others, and of two pages nobody knows which is short.
        return isLast || pageSize === 1 || pages < 3 ? page : makePage(number, offers.slice(0, -1), isLast);
      default:
        return makePage(number, offers.slice(1), isLast, offers.length > 0);
    }
  }

  function twistBeyond(page: Page): Page {
    if (page.ids.length > 0 || page.number === 1) return page;
    const last = Math.max(1, Math.ceil(list.ids.length / pageSize));
    if (fault === "beyondNext") return { ...page, isLast: false };
    const shown = showPage(list, pageSize, fault === "beyondFirst" ? 1 : last);
    return { ...shown, number: page.number };
  }
}

/** Puts an offer from the list's midst where new ones enter, as a list does that is ordered by the last change. */
export function moveOffer(list: LivingList, grows: "near" | "far", draw: Draw): void {
  const [id] = list.ids.splice(draw(Math.max(1, list.ids.length)), 1);
  if (id === undefined) return;
  if (grows === "near") list.ids.unshift(id);
  else list.ids.push(id);
}
