import type { Calendar } from "../../core/basics/calendar.ts";
import type { Locale } from "../../core/language/locale.ts";
import type { SheetCell } from "../../core/sheets/sheet-table.ts";
import type { CellStyles } from "./cell-styles.ts";
import { makeCellValue, type StyledValue } from "./cell-styles--value.ts";

const sharePattern = "0.0%";
const numberPattern = "0.0";
/** For a number that there is none of. */
const none = "–";

/** What a small sheet's cell is given; null leaves it out. */
export function makeTableCell(
  field: SheetCell,
  look: { locale: Locale; calendar: Calendar; styles: CellStyles },
): StyledValue | null {
  const { styles, locale } = look;
  if (field.type === "share") return makeNumber(field.share, { ...styles.plain, numFmt: sharePattern });
  if (field.type === "number") return makeNumber(field.number, { ...styles.plain, numFmt: numberPattern });
  if (field.type === "offers") {
    const numFmt = locale.followUp.offersPattern;
    return { value: field.offers, style: { ...styles.plain, numFmt, alignment: { horizontal: "left" } } };
  }
  if (field.type !== "month") return makeCellValue(field, look);
  const day = makeCellValue({ type: "day", day: field.day }, look);
  return day && { ...day, style: { ...day.style, numFmt: locale.monthPattern } };
}

function makeNumber(number: number | null, style: StyledValue["style"]): StyledValue {
  return number === null
    ? { value: none, style: { ...style, alignment: { horizontal: "right" } } }
    : { value: number, style };
}

/** Whether a spreadsheet puts it at the right of its cell. */
export function isRightAligned({ type }: SheetCell): boolean {
  return ["share", "number", "integer", "amount", "day", "moment"].includes(type);
}
