/** How many lines a text takes that is wrapped between its words. */
export function countLines(text: string, lineChars: number): number {
  let lines = 1;
  let usedChars = -1;
  for (const { length } of text.split(" ")) {
    usedChars += 1 + length;
    if (usedChars <= lineChars || usedChars === length) continue;
    lines += 1;
    usedChars = length;
  }
  return lines;
}

/** The text in lines that long at most, but for words that are longer. */
export function wrapLines(text: string, lineChars: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= lineChars)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/** What held words together while they were wrapped is a blank like others then. */
export function releaseBlanks(line: string): string {
  return line.replaceAll(/[\u00a0\u202f]/g, " ");
}
