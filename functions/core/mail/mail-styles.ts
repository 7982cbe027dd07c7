import { escapeXml } from "../basics/safe-text.ts";
import { statusColours } from "../offer/status-colours.ts";

/**
 * This file has the styles of a mail. Styles are inline, since mail programs drop style sheets. Ordinary text and the
 * background have no colour of their own, so that dark mode works. All other colours have enough contrast with both
 * light and dark backgrounds.
 */

/**
 * The colour of the button and of the line above the mail. White text is readable on this colour, and the colour is
 * visible on black.
 */
export const accentColour = "#1a7a6c";

const font = "font-family:Segoe UI,Helvetica,Arial,sans-serif";
const thin = "1px solid #98a09c";
const thick = "2px solid #7d8682";

/**
 * The style of plain text. Each table cell repeats the font, since Outlook renders mails with Word, where tables do
 * not inherit the font.
 */
export const baseStyle = `${font};font-size:15px;line-height:22px;text-align:left;overflow-wrap:anywhere`;
export const textStyle = `${baseStyle};margin:8px 0`;
export const noteStyle = `${font};font-size:13px;line-height:19px;text-align:left;margin:6px 0 0;overflow-wrap:anywhere`;
export const heading1Style = `${font};font-size:24px;line-height:30px;font-weight:600;text-align:left;margin:0 0 8px`;
export const heading2Style = `${font};font-size:17px;line-height:24px;font-weight:600;text-align:left;margin:32px 0 6px`;
export const warningStyle = `${baseStyle};border-left:4px solid ${statusColours.expired.strong};padding:4px 0 4px 14px`;

/**
 * The style of text in a cell. `break-word` breaks a line inside an amount only when the line can break nowhere else.
 */
const cellTextStyle = `${font};font-size:15px;line-height:21px;text-align:left;overflow-wrap:break-word`;
export const cellStyle = `${cellTextStyle};font-weight:400;vertical-align:top;padding:6px 12px 6px 0;border-bottom:${thin}`;
export const totalStyle = `${cellTextStyle};font-weight:600;vertical-align:top;padding:6px 12px 6px 0`;
export const headStyle = `${noteStyle};margin:0;font-weight:600;vertical-align:bottom;padding:6px 12px 6px 0;border-bottom:${thick}`;

/** Finished markup. It is inserted unchanged, while strings are escaped. */
export type Html = { html: string };
type Child = Html | string | null;

const voidElements = new Set(["br", "meta"]);
/** The elements that are followed by a line break, since a line of a mail has at most 998 bytes (RFC 5322, 2.1.1). */
const elementsWithLineBreak = new Set([
  "br",
  "div",
  "h1",
  "h2",
  "head",
  "li",
  "meta",
  "p",
  "table",
  "td",
  "th",
  "title",
  "tr",
  "ul",
]);

/** Writes an HTML element that is well-formed XML too. Escapes attribute values, and children that are strings. */
export function htmlElement(name: string, attributes: Record<string, string>, ...children: Child[]): Html {
  const start = `<${name}${Object.entries(attributes).map(writeAttribute).join("")}`;
  const end = voidElements.has(name) ? "/>" : `>${children.map(writeChild).join("")}</${name}>`;
  return { html: `${start}${end}${elementsWithLineBreak.has(name) ? "\n" : ""}` };
}

function writeAttribute([name, value]: [string, string]): string {
  return ` ${name}="${escapeText(value)}"`;
}

function writeChild(child: Child): string {
  if (child === null) return "";
  return typeof child === "string" ? escapeText(child) : child.html;
}

/**
 * Escapes text for HTML. Writes `&#39;` for an apostrophe, since Word, with which Outlook renders mails, does not
 * know `&apos;`.
 */
function escapeText(text: string): string {
  return escapeXml(text).replaceAll("&apos;", "&#39;");
}
