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
