import type { Language } from "../basics/languages.ts";
import { releaseBlanks } from "../basics/safe-text.ts";
import { statusColours } from "../offer/status-colours.ts";
import type { MailMessage, MailSection, MailTable, MailTableRow } from "./mail-message.ts";
import {
  accentColour,
  baseStyle,
  cellStyle,
  heading1Style,
  heading2Style,
  headStyle,
  type Html,
  htmlElement,
  noteStyle,
  textStyle,
  totalStyle,
  warningStyle,
} from "./mail-styles.ts";

/**
 * Writes a message as HTML for mail programs. The HTML loads no other files. It uses tables and inline styles,
 * because Outlook renders mails with Word, which lacks much of CSS.
 */
export function writeMailHtml(message: MailMessage, language: Language): string {
  const about = { lang: language, dir: "ltr" };
  const body = htmlElement(
    "body",
    { style: "margin:0;padding:0;-webkit-text-size-adjust:100%" },
    htmlElement("div", { style: hiddenStyle }, message.preview),
    htmlElement("div", { role: "main", ...about }, centreColumn(listParts(message))),
  );
  return `<!DOCTYPE html>\n${htmlElement("html", about, writeHead(message.title), body).html}\n`;
}

const hiddenStyle = "display:none;max-height:0;overflow:hidden;mso-hide:all";

function writeHead(title: string): Html {
  const meta = (name: string, content: string) => htmlElement("meta", { name, content });
  return htmlElement(
    "head",
    {},
    htmlElement("meta", { charset: "utf-8" }),
    meta("viewport", "width=device-width, initial-scale=1"),
    meta("color-scheme", "light dark"),
    meta("supported-color-schemes", "light dark"),
    // These two elements keep iOS from linking numbers and dates, and from enlarging small text.
    meta("format-detection", "telephone=no, date=no, address=no, email=no, url=no"),
    meta("x-apple-disable-message-reformatting", ""),
    htmlElement("title", {}, releaseBlanks(title)),
  );
}

function listParts({ title, lead, warning, link, facts, sections, footer }: MailMessage): Html[] {
  return [
    htmlElement("h1", { style: heading1Style }, title),
    writeText(lead),
    ...(warning === null ? [] : [writeGap(8), writeWarning(warning)]),
    writeGap(12),
    writeButton(link),
    writeGap(6),
    ...link.notes.map(writeNote),
    writeGap(20),
    writeMailTable(facts),
    ...sections.flatMap(writeSection),
    writeGap(24),
    ...footer.map(writeNote),
  ];
}

function writeText(content: string): Html {
  return htmlElement("p", { style: textStyle }, content);
}

function writeNote(content: string): Html {
  return htmlElement("p", { style: noteStyle }, content);
}

function writeItems(items: string[]): Html[] {
  if (items.length === 0) return [];
  const style = `${baseStyle};margin:8px 0 0;padding:0 0 0 20px`;
  return [htmlElement("ul", { style }, ...items.map((item) => htmlElement("li", {}, item)))];
}

function writeWarning({ text: content, items }: NonNullable<MailMessage["warning"]>): Html {
  const strong = htmlElement("p", { style: `${textStyle};margin:0` }, htmlElement("strong", {}, content));
  return layoutTable(
    { width: "100%" },
    htmlElement("td", { style: warningStyle }, strong, ...writeItems(items)),
  );
}

function writeSection({ heading, texts, table, items, notes }: MailSection): Html[] {
  return [
    htmlElement("h2", { style: heading2Style }, heading),
    ...texts.map(writeText),
    ...(table.rows.length === 0 ? [] : [writeMailTable(table)]),
    ...writeItems(items),
    ...notes.map(writeNote),
  ];
}

/**
 * Puts the parts into one centred column of at most 600 pixels. Outlook renders mails with Word, which ignores
 * `max-width`, so an extra table of 600 pixels is added for Word only.
 */
function centreColumn(parts: Html[]): Html {
  const column = layoutTable(
    { width: "100%", style: "max-width:600px;margin:0 auto" },
    htmlElement(
      "td",
      { style: `${baseStyle};border-top:4px solid ${accentColour};padding:20px 0 0` },
      ...parts,
    ),
  );
  return layoutTable(
    { width: "100%" },
    htmlElement(
      "td",
      { align: "center", style: "padding:16px 16px 32px" },
      wordOnly(wordStart),
      column,
      wordOnly(wordEnd),
    ),
  );
}

const wordStart =
  '<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td>';
const wordEnd = "</td></tr></table>";

function wordOnly(markup: string): Html {
  return { html: `<!--[if mso]>${markup}<![endif]-->\n` };
}

/** Writes a table with one cell, for layout only. Screen readers do not announce the table. */
function layoutTable(attributes: Record<string, string>, cell: Html): Html {
  const plain = { role: "presentation", cellpadding: "0", cellspacing: "0", border: "0" };
  return htmlElement("table", { ...plain, ...attributes }, htmlElement("tr", {}, cell));
}

/**
 * Writes a vertical gap as an element, since Word, with which Outlook renders mails, ignores the margins of tables.
 */
function writeGap(heightPx: number): Html {
  const px = `${heightPx}px`;
  return htmlElement("div", { style: `height:${px};line-height:${px};font-size:1px` }, "\u00a0");
}

/**
 * Writes a link as a button. A table cell draws the button in Outlook, since Word, with which Outlook renders mails,
 * ignores the padding of a link. In other mail programs the link fills the whole button.
 */
function writeButton({ label, url }: MailMessage["link"]): Html {
  const style = `${baseStyle};display:inline-block;padding:13px 26px;color:#ffffff;font-weight:600;text-decoration:none`;
  return layoutTable(
    {},
    htmlElement(
      "td",
      {
        bgcolor: accentColour,
        style: `background-color:${accentColour};border-radius:6px;mso-padding-alt:13px 26px`,
      },
      htmlElement("a", { href: url, style }, label),
    ),
  );
}

/**
 * Writes a data table. The headings have a `scope`, so that screen readers name the row and the column of each cell.
 */
function writeMailTable({ columns, rows }: MailTable): Html {
  const heads = columns.map(({ heading, isNumber }, index) =>
    htmlElement(
      "th",
      { scope: "col", style: `${headStyle}${align(isNumber, index === columns.length - 1)}` },
      heading,
    ),
  );
  const isNumber = columns.map((column) => column.isNumber);
  return htmlElement(
    "table",
    { width: "100%", cellpadding: "0", cellspacing: "0", border: "0" },
    heads.length === 0 ? null : htmlElement("thead", {}, htmlElement("tr", {}, ...heads)),
    htmlElement("tbody", {}, ...rows.map((row) => writeRow(row, isNumber))),
  );
}

function writeRow({ cells, status, isTotal = false }: MailTableRow, isNumber: boolean[]): Html {
  const statusMark =
    status === undefined ? "" : `;border-left:4px solid ${statusColours[status].strong};padding-left:8px`;
  return htmlElement(
    "tr",
    {},
    ...cells.map((lines, index) => {
      const isLast = index === cells.length - 1;
      const style = `${isTotal ? totalStyle : cellStyle}${align(isNumber[index] ?? false, isLast)}`;
      if (index > 0) return htmlElement("td", { style }, ...writeLines(lines));
      const label = { scope: "row", style: `${style};overflow-wrap:anywhere${statusMark}` };
      return htmlElement(
        "th",
        isNumber.length === 0 ? { ...label, width: "40%" } : label,
        ...writeLines(lines),
      );
    }),
  );
}

function align(isNumber: boolean, isLast: boolean): string {
  return `${isNumber ? ";text-align:right" : ""}${isLast ? ";padding-right:0" : ""}`;
}

function writeLines(lines: string[]): (Html | string)[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [htmlElement("br", {}), line]));
}
