import { expect, it } from "vitest";
import { findAccessibilityViolations, openTab } from "../support/browser.ts";
import { findMisfits } from "../support/page-layout.ts";
import { openDemoStack, walkStatuses, walkThroughPage } from "../support/page-walk.ts";

/**
 * The widths of a desktop, of the same desktop at a zoom of 200 %, and of a small phone, which is also the desktop at
 * 400 %.
 */
const widths = [1280, 640, 320];

type Looks = { colorScheme: "light" | "dark"; locale: string };

/** Walks through the page, and lists what is wrong with each state. */
async function examinePage(looks: Looks) {
  const demo = await openDemoStack();
  const page = await openTab(demo.stack, { ...looks, statuses: walkStatuses, reducedMotion: "reduce" });
  const found: { state: string; faults: string[] }[] = [];
  async function look(state: string): Promise<void> {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      const faults = [...(await findMisfits(page)), ...(await findAccessibilityViolations(page))];
      found.push({ state: `${state}, ${width} pixels, ${looks.colorScheme}, ${looks.locale}`, faults });
    }
  }
  await walkThroughPage({ ...demo, page, look });
  return found;
}

it("every state of the page is accessible and fits, in both themes and languages, on any width", async () => {
  // The walks wait for exports most of the time, so they go at the same time.
  const walks = await Promise.all([
    examinePage({ colorScheme: "light", locale: "nl-NL" }),
    examinePage({ colorScheme: "dark", locale: "en-GB" }),
  ]);
  const found = walks.flat();
  expect(found).toEqual(found.map(({ state }) => ({ state, faults: [] })));
});
