import { accent, base } from "./mail-styles.ts";
import type { Message } from "./mail-message.ts";
import { type Html, tag } from "./mail-styles--tag.ts";

/** One column, as wide as it is read well; Word knows no greatest width, and gets a table of that one. */
export function layOut(parts: Html[]): Html {
  const column = layoutTable(
    { width: "100%", style: "max-width:600px;margin:0 auto" },
    tag("td", { style: `${base};border-top:4px solid ${accent};padding:20px 0 0` }, ...parts),
  );
  return layoutTable(
    { width: "100%" },
    tag(
      "td",
      { align: "center", style: "padding:16px 16px 32px" },
      wordOnly(wordStart),
      column,
      wordOnly(wordEnd),
    ),
  );
}

const wordStart =
  '<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td>';
const wordEnd = "</td></tr></table>";

function wordOnly(markup: string): Html {
  return { html: `<!--[if mso]>${markup}<![endif]-->\n` };
}

export function layoutTable(attributes: Record<string, string>, cell: Html): Html {
  const plain = { role: "presentation", cellpadding: "0", cellspacing: "0", border: "0" };
  return tag("table", { ...plain, ...attributes }, tag("tr", {}, cell));
}

/** Word gives tables no margin. */
export function writeGap(heightPx: number): Html {
  const px = `${heightPx}px`;
  return tag("div", { style: `height:${px};line-height:${px};font-size:1px` }, "\u00a0");
}

/** A cell is the button, since Word gives a link no padding; whoever can, may press all of it. */
export function writeButton({ label, url }: Message["link"]): Html {
  const style = `${base};display:inline-block;padding:13px 26px;color:#ffffff;font-weight:600;text-decoration:none`;
  return layoutTable(
    {},
    tag(
      "td",
      { bgcolor: accent, style: `background-color:${accent};border-radius:6px;mso-padding-alt:13px 26px` },
      tag("a", { href: url, style }, label),
    ),
  );
}
