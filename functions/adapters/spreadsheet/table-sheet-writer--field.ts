import type { Calendar } from "../../core/basics/calendar.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { Field } from "../../core/sheets/sheet-table.ts";
import type { Styles } from "./cell-styles.ts";
import { makeValue, type Value } from "./cell-styles--value.ts";

const sharePattern = "0.0%";
const numberPattern = "0.0";
/** For a number that there is none of. */
const none = "–";

/** What a small sheet's cell is given; null leaves it out. */
export function makeField(
  field: Field,
  look: { locale: Locale; calendar: Calendar; styles: Styles },
): Value | null {
  const { styles, locale } = look;
  if (field.type === "share") return makeNumber(field.share, { ...styles.plain, numFmt: sharePattern });
  if (field.type === "number") return makeNumber(field.number, { ...styles.plain, numFmt: numberPattern });
  if (field.type === "offers") {
    const numFmt = locale.followUp.offersPattern;
    return { value: field.offers, style: { ...styles.plain, numFmt, alignment: { horizontal: "left" } } };
  }
  if (field.type !== "month") return makeValue(field, look);
  const day = makeValue({ type: "day", day: field.day }, look);
  return day && { ...day, style: { ...day.style, numFmt: locale.monthPattern } };
}

function makeNumber(number: number | null, style: Value["style"]): Value {
  return number === null
    ? { value: none, style: { ...style, alignment: { horizontal: "right" } } }
    : { value: number, style };
}

/** Whether a spreadsheet puts it at the right of its cell. */
export function isRight({ type }: Field): boolean {
  return ["share", "number", "integer", "amount", "day", "moment"].includes(type);
}
