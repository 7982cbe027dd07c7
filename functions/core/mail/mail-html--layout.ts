import { accentColour, baseStyle } from "./mail-styles.ts";
import type { MailMessage } from "./mail-message.ts";
import { type Html, htmlElement } from "./mail-styles--tag.ts";

/** One column, as wide as it is read well; Word knows no greatest width, and gets a table of that one. */
export function layOutMail(parts: Html[]): Html {
  const column = layoutTable(
    { width: "100%", style: "max-width:600px;margin:0 auto" },
    htmlElement("td", { style: `${baseStyle};border-top:4px solid ${accentColour};padding:20px 0 0` }, ...parts),
  );
  return layoutTable(
    { width: "100%" },
    htmlElement(
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
  return htmlElement("table", { ...plain, ...attributes }, htmlElement("tr", {}, cell));
}

/** Word gives tables no margin. */
export function writeGap(heightPx: number): Html {
  const px = `${heightPx}px`;
  return htmlElement("div", { style: `height:${px};line-height:${px};font-size:1px` }, "\u00a0");
}

/** A cell is the button, since Word gives a link no padding; whoever can, may press all of it. */
export function writeButton({ label, url }: MailMessage["link"]): Html {
  const style = `${baseStyle};display:inline-block;padding:13px 26px;color:#ffffff;font-weight:600;text-decoration:none`;
  return layoutTable(
    {},
    htmlElement(
      "td",
      { bgcolor: accentColour, style: `background-color:${accentColour};border-radius:6px;mso-padding-alt:13px 26px` },
      htmlElement("a", { href: url, style }, label),
    ),
  );
}
