import type { Language } from "../basics/languages.ts";
import { loosenBlanks } from "../basics/safe-text--wrap.ts";
import { writeGrid } from "./mail-html--grid.ts";
import { layOut, layoutTable, writeButton, writeGap } from "./mail-html--layout.ts";
import type { Message, Section } from "./mail-message.ts";
import { type Html, tag } from "./mail-styles--tag.ts";
import { base, heading1, heading2, note, text, warn } from "./mail-styles.ts";

/** The message for a mail program, Outlook's Word included: tables, inline styles, nothing to be loaded. */
export function writeHtml(message: Message, language: Language): string {
  const about = { lang: language, dir: "ltr" };
  const body = tag(
    "body",
    { style: "margin:0;padding:0;-webkit-text-size-adjust:100%" },
    tag("div", { style: hidden }, message.preview),
    tag("div", { role: "main", ...about }, layOut(listParts(message))),
  );
  return `<!DOCTYPE html>\n${tag("html", about, writeHead(message.title), body).html}\n`;
}

const hidden = "display:none;max-height:0;overflow:hidden;mso-hide:all";

function writeHead(title: string): Html {
  const meta = (name: string, content: string) => tag("meta", { name, content });
  return tag(
    "head",
    {},
    tag("meta", { charset: "utf-8" }),
    meta("viewport", "width=device-width, initial-scale=1"),
    meta("color-scheme", "light dark"),
    meta("supported-color-schemes", "light dark"),
    // iOS makes links of what looks like a number or a day, and enlarges what it takes for small.
    meta("format-detection", "telephone=no, date=no, address=no, email=no, url=no"),
    meta("x-apple-disable-message-reformatting", ""),
    tag("title", {}, loosenBlanks(title)),
  );
}

function listParts({ title, lead, warning, link, facts, sections, footer }: Message): Html[] {
  return [
    tag("h1", { style: heading1 }, title),
    writeText(lead),
    ...(warning === null ? [] : [writeGap(8), writeWarning(warning)]),
    writeGap(12),
    writeButton(link),
    writeGap(6),
    ...link.notes.map(writeNote),
    writeGap(20),
    writeGrid(facts),
    ...sections.flatMap(writeSection),
    writeGap(24),
    ...footer.map(writeNote),
  ];
}

function writeText(content: string): Html {
  return tag("p", { style: text }, content);
}

function writeNote(content: string): Html {
  return tag("p", { style: note }, content);
}

function writeItems(items: string[]): Html[] {
  if (items.length === 0) return [];
  const style = `${base};margin:8px 0 0;padding:0 0 0 20px`;
  return [tag("ul", { style }, ...items.map((item) => tag("li", {}, item)))];
}

function writeWarning({ text: content, items }: NonNullable<Message["warning"]>): Html {
  const strong = tag("p", { style: `${text};margin:0` }, tag("strong", {}, content));
  return layoutTable({ width: "100%" }, tag("td", { style: warn }, strong, ...writeItems(items)));
}

function writeSection({ heading, texts, grid, items, notes }: Section): Html[] {
  return [
    tag("h2", { style: heading2 }, heading),
    ...texts.map(writeText),
    ...(grid.rows.length === 0 ? [] : [writeGrid(grid)]),
    ...writeItems(items),
    ...notes.map(writeNote),
  ];
}
