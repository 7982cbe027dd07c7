import type { Page } from "playwright-core";
import * as z from "zod";

const Found = z.array(z.string());

/** The function `findMisfits` of the page. A text, because the tests have no types of a document. */
const script = `(() => {
  const name = (element) => element.cloneNode().outerHTML;
  const isShown = (element) => element.checkVisibility() && element.closest(".unseen, .skip, option") === null;
  // The boxes of two lines of text overlap a little, their letters do not.
  const lineGap = 4;
  const overlaps = (one, other) =>
    one.left < other.right && other.left < one.right && one.top + lineGap < other.bottom && other.top + lineGap < one.bottom;

  const isTooWide = ({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth;
  const wide = [...document.querySelectorAll("html, body *:not(.wide, .wide *, input, select, svg *)")]
    .filter((element) => isShown(element) && isTooWide(element))
    .map((element) => "too wide: " + name(element));

  const labels = [...document.querySelectorAll(".drawing text")].filter(isShown);
  const boxes = labels.map((label) => label.getBoundingClientRect());
  const hidden = labels
    .filter((label, index) => {
      const frame = label.ownerSVGElement.getBoundingClientRect();
      const { left, right } = boxes[index];
      return left < frame.left || right > frame.right || boxes.slice(0, index).some((box) => overlaps(box, boxes[index]));
    })
    .map(({ textContent }) => "overlaps or is cut off: " + textContent);

  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!isShown(node.parentElement)) continue;
    for (const { 0: word, index } of node.data.matchAll(/[\\p{L}\\d]+/gu)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      if (range.getClientRects().length > 1) broken.push("broken: " + word);
    }
  }
  return [...wide, ...hidden, ...broken];
})()`;

/**
 * Lists what does not fit on the page: elements that are narrower than their content, labels of the chart that overlap
 * or are cut off, and words that are broken over two lines. What is meant to scroll sideways may be too wide.
 */
export async function findMisfits(page: Page): Promise<string[]> {
  // The chart is drawn anew after the first frame of a new width.
  await page.evaluate(
    "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))",
  );
  return Found.parse(await page.evaluate(script));
}
