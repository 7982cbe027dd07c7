import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** The pages for users, as paths from the root. */
export const pages = ["README.md", ...globSync("docs/*.md", { cwd: root }).toSorted()];

/** All documents: the pages, and those for whoever changes the code. */
export const documents = [...pages, "CONTRIBUTING.md", "CHANGELOG.md"];

export function readDocument(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Returns the text without its code blocks. */
function removeCode(text: string): string {
  return text.replaceAll(/^( *)```.*?^\1```$/gms, "");
}

/** A table of a document: the cells of each row, without the blanks around them. */
export type Table = { header: string[]; rows: string[][] };

export function listTables(text: string): Table[] {
  const blocks = removeCode(text).match(/(?:^ *\|.*\|$\n?)+/gm) ?? [];
  return blocks.map((block) => {
    const [header = [], , ...rows] = block.trim().split("\n").map(splitRow);
    return { header, rows };
  });
}

/** Splits a row at the bars that stand outside of code. */
function splitRow(row: string): string[] {
  return (
    row
      .trim()
      .slice(1, -1)
      .match(/(?:`+[^`]*`+|[^|`])+/g) ?? []
  ).map((cell) => cell.trim());
}

/** Lists the paragraphs, list items, headings and table cells of a document, as a reader sees them. */
export function listTexts(text: string): string[] {
  const prose = removeCode(text).replaceAll(/^ *\|.*\|$/gm, "");
  const paragraphs = prose.split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/);
  const cells = listTables(text).flatMap(({ header, rows }) => [header, ...rows].flat());
  return [...paragraphs, ...cells].map(renderText).filter((shown) => shown !== "");
}

/** Returns what a reader sees of a text: links and emphasis without their marks, an image as its description. */
export function renderText(markdown: string): string {
  return markdown
    .replaceAll(/<[a-z/][^>\n]*alt="([^"]*)"[^>]*>/g, "$1")
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/^\s*(?:#+|[-*]|\d+\.) /gm, "")
    .replaceAll("**", "")
    .trim();
}

/** The shell commands of a document. A command that continues on further lines is one command. */
export function listCommands(text: string): string[] {
  return [...text.matchAll(/^( *)```sh\n(.*?)^\1```$/gms)]
    .flatMap(([, indent = "", block = ""]) => unindent(block, indent).split(/(?<!\\|,)\n(?! )/))
    .map((command) => command.replace(/\s+# .*$/, "").trim())
    .filter((command) => command !== "");
}

function unindent(block: string, indent: string): string {
  return block
    .split("\n")
    .map((line) => line.slice(indent.length))
    .join("\n");
}
