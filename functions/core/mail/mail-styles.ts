import { escapeXml } from "../basics/safe-text.ts";
import type { Status } from "../offer/offer-status.ts";

/**
 * How a mail looks, inline, since mail programs drop style sheets. Text and paper have no colour of their own, so
 * that they are dark where the reader's are; what has one can be told from either.
 */

/** White can be read on it, and it can be seen on black. */
export const accentColour = "#1a7a6c";

export const statusColours: Record<Status, string> = {
  open: "#2f6bc7",
  accepted: "#1f8a5f",
  rejected: "#b8443b",
  expired: "#b47a14",
};

const font = "font-family:Segoe UI,Helvetica,Arial,sans-serif";
const thin = "1px solid #98a09c";
const thick = "2px solid #7d8682";

/** Word hands no font down into a table: each cell has it. */
export const baseStyle = `${font};font-size:15px;line-height:22px;text-align:left;overflow-wrap:anywhere`;
export const textStyle = `${baseStyle};margin:8px 0`;
export const noteStyle = `${font};font-size:13px;line-height:19px;text-align:left;margin:6px 0 0;overflow-wrap:anywhere`;
export const heading1Style = `${font};font-size:24px;line-height:30px;font-weight:600;text-align:left;margin:0 0 8px`;
export const heading2Style = `${font};font-size:17px;line-height:24px;font-weight:600;text-align:left;margin:32px 0 6px`;
export const warningStyle = `${baseStyle};border-left:4px solid ${statusColours.expired};padding:4px 0 4px 14px`;

/** An amount is torn only where nothing else helps. */
const inside = `${font};font-size:15px;line-height:21px;text-align:left;overflow-wrap:break-word`;
export const cellStyle = `${inside};font-weight:400;vertical-align:top;padding:6px 12px 6px 0;border-bottom:${thin}`;
export const totalStyle = `${inside};font-weight:600;vertical-align:top;padding:6px 12px 6px 0`;
export const headStyle = `${noteStyle};margin:0;font-weight:600;vertical-align:bottom;padding:6px 12px 6px 0;border-bottom:${thick}`;

/** HTML that was made here: only that goes in as it is. */
export type Html = { html: string };
type Child = Html | string | null;

const empty = new Set(["br", "meta"]);
/** Behind each of these a line ends: mail has lines of 998 bytes at most (RFC 5322, 2.1.1). */
const lines = new Set([
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

/** An element, well-formed as XML too. A text goes in as text, as a child and as an attribute. */
export function htmlElement(name: string, attributes: Record<string, string>, ...children: Child[]): Html {
  const start = `<${name}${Object.entries(attributes).map(writeAttribute).join("")}`;
  const end = empty.has(name) ? "/>" : `>${children.map(writeChild).join("")}</${name}>`;
  return { html: `${start}${end}${lines.has(name) ? "\n" : ""}` };
}

function writeAttribute([name, value]: [string, string]): string {
  return ` ${name}="${escapeText(value)}"`;
}

function writeChild(child: Child): string {
  if (child === null) return "";
  return typeof child === "string" ? escapeText(child) : child.html;
}

/** Word, with which Outlook shows mail, does not know XML's name of the apostrophe. */
function escapeText(text: string): string {
  return escapeXml(text).replaceAll("&apos;", "&#39;");
}
