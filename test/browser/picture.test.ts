import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeDemo } from "../../local/portal/data.ts";
import { openTab, see, signIn } from "../support/browser.ts";
import { openTestPortal } from "../support/portal.ts";
import { openTestStack } from "../support/stack.ts";

/** The README's, when it is to be taken anew. */
const folder = process.env["npm_lifecycle_event"] === "pictures" ? "docs" : ".local/pictures";

const day = "2025-11-21";

it("the page looks as in the README's picture, which this takes", async () => {
  const { offers } = makeDemo({ today: day });
  const stack = await openTestStack(await openTestPortal({ offers }));
  const page = await openTab(stack, { viewport: { width: 1000, height: 1245 } });
  await page.goto(`/export?asOf=${day}`);
  await signIn(page);
  await see(page.getByRole("img", { name: "Staafdiagram" }));
  await mkdir(folder, { recursive: true });
  const picture = await page.screenshot({ path: join(folder, "page.png"), animations: "disabled" });
  expect(picture.length).toBeGreaterThan(20_000);
});
