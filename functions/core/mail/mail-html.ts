import type { Language } from "../basics/languages.ts";
import { releaseBlanks } from "../basics/safe-text--wrap.ts";
import { writeMailTable } from "./mail-html--grid.ts";
import { layOutMail, layoutTable, writeButton, writeGap } from "./mail-html--layout.ts";
import type { MailMessage, MailSection } from "./mail-message.ts";
import { type Html, htmlElement } from "./mail-styles--tag.ts";
import { baseStyle, heading1Style, heading2Style, noteStyle, textStyle, warningStyle } from "./mail-styles.ts";

/** The message for a mail program, Outlook's Word included: tables, inline styles, nothing to be loaded. */
export function writeMailHtml(message: MailMessage, language: Language): string {
  const about = { lang: language, dir: "ltr" };
  const body = htmlElement(
    "body",
    { style: "margin:0;padding:0;-webkit-text-size-adjust:100%" },
    htmlElement("div", { style: hidden }, message.preview),
    htmlElement("div", { role: "main", ...about }, layOutMail(listParts(message))),
  );
  return `<!DOCTYPE html>\n${htmlElement("html", about, writeHead(message.title), body).html}\n`;
}

const hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all";

function writeHead(title: string): Html {
  const meta = (name: string, content: string) => htmlElement("meta", { name, content });
  return htmlElement(
    "head",
    {},
    htmlElement("meta", { charset: "utf-8" }),
    meta("viewport", "width=device-width, initial-scale=1"),
    meta("color-scheme", "light dark"),
    meta("supported-color-schemes", "light dark"),
    // iOS makes links of what looks like a number or a day, and enlarges what it takes for small.
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
  return layoutTable({ width: "100%" }, htmlElement("td", { style: warningStyle }, strong, ...writeItems(items)));
}

function writeSection({ heading, texts, grid, items, notes }: MailSection): Html[] {
  return [
    htmlElement("h2", { style: heading2Style }, heading),
    ...texts.map(writeText),
    ...(grid.rows.length === 0 ? [] : [writeMailTable(grid)]),
    ...writeItems(items),
    ...notes.map(writeNote),
  ];
}
