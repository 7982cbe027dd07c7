/** SpreadsheetML in the very bytes that exceljs's row API writes. A cell stands from `c` to `</c>`. */

const markup = /["&'<>]/;
const everyMarkup = /["&'<>]/g;

const entities: Record<string, string> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&apos;",
  "<": "&lt;",
  ">": "&gt;",
};

/** For texts without what XML forbids. */
export function escapeMarkup(text: string): string {
  return markup.test(text) ? text.replace(everyMarkup, (unit) => entities[unit] ?? unit) : text;
}

export function formatNumber(number: number): string {
  return `><v>${number}</v></c>`;
}

export function formatText(text: string): string {
  return ` t="str"><v>${escapeMarkup(text)}</v></c>`;
}

const blank = /^\s|\n|\s$/;

/** A text with a form of its own, in which blanks count. */
export function formatRun(text: string): string {
  const space = blank.test(text) ? ' xml:space="preserve"' : "";
  return ` t="inlineStr"><is><r><t${space}>${escapeMarkup(text)}</t></r></is></c>`;
}

export function formatStyle(styleId: number): string {
  return styleId === 0 ? "" : ` s="${styleId}"`;
}

type Span = { number: number; firstColumn: number; lastColumn: number };

/** A row without cells is left out. */
export function formatRow(cells: string, { number, firstColumn, lastColumn }: Span): string {
  if (cells === "") return "";
  return `<row r="${number}" spans="${firstColumn}:${lastColumn}" x14ac:dyDescent="0.25">${cells}</row>`;
}

const letters = 26;

/** `A` for 1, `AA` for 27. */
export function nameColumn(number: number): string {
  if (number <= letters) return String.fromCharCode(64 + number);
  return nameColumn(Math.floor((number - 1) / letters)) + nameColumn(((number - 1) % letters) + 1);
}
