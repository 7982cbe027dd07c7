import { escapeXml } from "../basics/safe-text.ts";

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
