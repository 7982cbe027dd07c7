import { escapeXml } from "../../core/basics/safe-text.ts";

/** What stands between a cell's address and its content, by what it holds. */
export type CellOpening = { number: string; text: string; run: string; blankRun: string };

export function makeCellOpening(styleId: number): CellOpening {
  const style = styleId === 0 ? "" : ` s="${styleId}"`;
  const run = `"${style} t="inlineStr"><is><r><t`;
  return {
    number: `"${style}><v>`,
    text: `"${style} t="str"><v>`,
    run: `${run}>`,
    blankRun: `${run} xml:space="preserve">`,
  };
}

export function formatNumberCell(number: number, opening: CellOpening): string {
  return `${opening.number}${number}</v></c>`;
}

export function formatTextCell(text: string, opening: CellOpening): string {
  return `${opening.text}${escapeXml(text)}</v></c>`;
}

const blank = /^\s|\n|\s$/;

/** A text with a form of its own, in which blanks count. */
export function formatRunCell(text: string, opening: CellOpening): string {
  return `${blank.test(text) ? opening.blankRun : opening.run}${escapeXml(text)}</t></r></is></c>`;
}

type Span = { number: number; firstColumn: number; lastColumn: number };

/** A row without cells is left out. */
export function formatRowXml(cells: string, { number, firstColumn, lastColumn }: Span): string {
  if (cells === "") return "";
  return `<row r="${number}" spans="${firstColumn}:${lastColumn}" x14ac:dyDescent="0.25">${cells}</row>`;
}

const letters = 26;

/** `A` for 1, `AA` for 27. */
export function columnLetters(number: number): string {
  if (number <= letters) return String.fromCharCode(64 + number);
  return columnLetters(Math.floor((number - 1) / letters)) + columnLetters(((number - 1) % letters) + 1);
}
