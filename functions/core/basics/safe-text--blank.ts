/** Takes no room on paper: formats, joiners, fillers, halves of a pair. */
const invisible = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;

/** Blanks of any width, tabs, line ends and other controls. */
const blanks = /[\s\p{Z}\p{Cc}]+/gu;

/** The text without what cannot be seen, with a single space for any run of blanks and none at its ends. */
export function tidyText(text: string): string {
  return text.replace(invisible, "").replace(blanks, " ").trim();
}
