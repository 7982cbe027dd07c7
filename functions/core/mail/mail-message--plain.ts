import type { MailMessage, MailSection } from "./mail-message.ts";
import { releaseBlanks, wrapLines } from "../basics/safe-text--wrap.ts";

const lineChars = 78;

/** The message as plain text. What must not be torn is held together by no-break spaces, which it ends without. */
export function writeMailText({ title, lead, warning, link, facts, sections, footer }: MailMessage): string {
  const blocks = [
    [underline(title, "=")],
    [wrap(lead)],
    warning === null ? [] : [wrap(warning.text), ...warning.items.map(itemise)],
    // Alone in its line, and whole: programs make a link of it.
    [`${link.label}:`, link.url],
    link.notes.map(wrap),
    facts.rows.map(({ line }) => itemise(line)),
    ...sections.flatMap(listBlocks),
    ["-- ", ...footer.map(wrap)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function listBlocks({ heading, texts, grid, items, notes }: MailSection): string[][] {
  return [
    [underline(heading, "-"), ...texts.map(wrap)],
    [...grid.rows.map(({ line }) => line), ...items].map(itemise),
    notes.map(wrap),
  ];
}

function underline(text: string, rule: string): string {
  return `${text}\n${rule.repeat(text.length)}`;
}

function wrap(text: string): string {
  return wrapLines(text, lineChars).map(releaseBlanks).join("\n");
}

function itemise(text: string): string {
  return wrapLines(text, lineChars - 2)
    .map((line, index) => `${index === 0 ? "- " : "  "}${releaseBlanks(line)}`)
    .join("\n");
}
