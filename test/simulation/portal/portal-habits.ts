import type { SeededRandom } from "../faults/seeded-random.ts";

/** How a portal writes its answers, always. Reports must be right with each of them. */
export type PortalHabits = {
  /** `texts`: numbers are strings. `keyed`: the rows are an object with numbers as keys. `nested`: `links` and `meta`. */
  page: "plain" | "texts" | "keyed" | "nested";
  /** What stands in `next_page_url` of the last page; `announced`: a next page, which has no rows. */
  end: "null" | '""' | "false" | "absent" | "announced";
  /** What comes beyond the last page. */
  beyond: "empty" | "empty, announcing" | 400 | 404 | 422 | "page 1" | "page 1 as such" | "last page";
  /** The rest of `next_page_url` after the page's number. */
  suffix: "" | "," | "&cursor=abc";
  charset: "utf-8" | "latin1" | "byte order mark";
  /** One offer or customer stands in `data`. */
  isItemWrapped: boolean;
  /** A page that always says that it is the last one. 0 for none. */
  falseLast: number;
};

export const plainHabits: PortalHabits = {
  page: "plain",
  end: "null",
  beyond: "empty",
  suffix: ",",
  charset: "utf-8",
  isItemWrapped: false,
  falseLast: 0,
};

/**
 * Draws habits, but not both a last page that always announces another one and its repetition beyond the end: such a
 * list has no end, and exports fail at once and say so.
 */
export function drawHabits(random: SeededRandom): PortalHabits {
  const habits = drawAnyHabits(random);
  const isEndless = habits.end === "announced" && habits.beyond === "last page";
  return isEndless ? { ...habits, end: "null" } : habits;
}

function drawAnyHabits(random: SeededRandom): PortalHabits {
  return {
    page: random.pick(["plain", "plain", "texts", "keyed", "nested"]),
    end: random.pick(["null", "null", '""', "false", "absent", "announced"]),
    beyond: random.pick([
      "empty",
      "empty",
      "empty, announcing",
      400,
      404,
      422,
      "page 1",
      "page 1 as such",
      "last page",
    ]),
    suffix: random.pick(["", ",", "&cursor=abc"]),
    charset: random.pick(["utf-8", "utf-8", "latin1", "byte order mark"]),
    isItemWrapped: random.next() < 0.5,
    falseLast: random.next() < 0.1 ? 1 + random.draw(20) : 0,
  };
}

/** A page as the portal would say it. A lie changes it before it is written. */
export type ListedPage = {
  number: number;
  rows: readonly string[];
  /** What the portal counts on the page; null on an empty one. */
  from: number | null;
  to: number | null;
  hasNext: boolean;
};

/** Writes a page as JSON. The rows are JSON texts already. */
export function writePage(
  { number, rows, from, to, hasNext }: ListedPage,
  habits: PortalHabits,
  url: string,
): string {
  const { page: style } = habits;
  const count = (value: number | null) =>
    style === "texts" && value !== null ? `"${value}"` : String(value);
  const isAnnounced = hasNext || (habits.end === "announced" && rows.length > 0);
  const next = isAnnounced
    ? `"${url}?page=${number + 1}${habits.suffix}"`
    : habits.end === "announced"
      ? "null"
      : habits.end;
  const data =
    style === "keyed" && rows.length > 0
      ? `{${rows.map((row, index) => `"${index * 2}":${row}`).join(",")}}`
      : `[${rows.join(",")}]`;
  const counts = `"current_page":${count(number)},"from":${count(from)},"to":${count(to)},"per_page":${count(15)}`;
  if (style === "nested") {
    const links = next === "absent" ? "{}" : `{"next":${next}}`;
    return `{"data":${data},"links":${links},"meta":{${counts}}}`;
  }
  const nextField = next === "absent" ? "" : `,"next_page_url":${next}`;
  return `{"data":${data},${counts},"path":"${url}"${nextField}}`;
}

const encoder = new TextEncoder();

/** Returns the bytes of a text as the portal sends them. */
export function encodeText(text: string, { charset }: PortalHabits): Uint8Array<ArrayBuffer> {
  if (charset === "byte order mark") return encoder.encode(`\uFEFF${text}`);
  return charset === "latin1" ? Uint8Array.from(Buffer.from(text, "latin1")) : encoder.encode(text);
}

export function nameContentType({ charset }: PortalHabits): string {
  return charset === "latin1" ? "application/json; charset=ISO-8859-1" : "application/json";
}
