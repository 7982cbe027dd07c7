import type { Page } from "playwright-core";
import { makeDemo } from "../../local/portal/demo-data.ts";
import type { PortalOptions } from "../../local/portal/portal-server.ts";
import { captureDownload, expectVisible, signIn } from "./browser.ts";
import { ageExports } from "./share-requests.ts";
import { openTestPortal } from "./test-portal.ts";
import { openTestStack, type TestStack } from "./test-stack.ts";

type Intercept = NonNullable<PortalOptions["intercept"]>;

/** A stack with the demo portal's offers, and what a test can make of its portal. */
export type DemoStack = {
  stack: TestStack;
  /** Makes the portal delay its answers, until the test calls the function that `hold` returns. */
  hold: () => () => void;
  /** Makes the list leave out an offer that the portal still has, so that the next report is uncertain. */
  hideOffer: () => void;
  /** Makes the portal refuse every request, so that the next export fails. */
  refuse: () => void;
};

export async function openDemoStack(): Promise<DemoStack> {
  let answer: Intercept = () => false;
  const portal = await openTestPortal({
    ...makeDemo({ today: "2026-11-22" }),
    intercept: (request, response) => answer(request, response),
  });
  return {
    stack: await openTestStack(portal),
    hold() {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      answer = () => promise;
      return () => resolve(false);
    },
    hideOffer() {
      const [hidden = { id: "" }] = portal.offers.all();
      portal.offers.remove(hidden.id);
      const body = JSON.stringify(hidden);
      answer = ({ url }, response) =>
        url.endsWith(`/${hidden.id}`) &&
        Boolean(response.writeHead(200, { "content-type": "application/json" }).end(body));
    },
    refuse() {
      answer = (_, response) => Boolean(response.writeHead(403).end());
    },
  };
}

/** The statuses of the API's answers that a walk leads to. */
export const walkStatuses = [400, 401, 404, 410];

type Walk = DemoStack & { page: Page; look: (state: string) => Promise<void> };

/**
 * Visits every state of the page and calls `look` in each. Finds fields by their values, because the fields' labels
 * depend on the language.
 */
export async function walkThroughPage(walk: Walk): Promise<void> {
  await visitSignIn(walk);
  await visitForm(walk);
  await visitRunning(walk);
  const link = await visitResult(walk);
  const result = walk.page.url();
  await visitShared(walk, link);
  await walk.page.goto(result);
  await visitFaults(walk);
}

async function visitSignIn({ page, look }: Walk): Promise<void> {
  await page.goto("/");
  await expectVisible(page.locator("[name=token]"));
  await look("the sign-in");
  await page.locator("[name=token]").fill("a wrong one");
  await page.keyboard.press("Enter");
  await expectVisible(page.locator("[aria-invalid=true]"));
  await look("a wrong token");
  await signIn(page);
}

async function visitForm({ page, look }: Walk): Promise<void> {
  await expectVisible(page.locator(".praise"));
  await look("a first visit");
  await page.locator(".advanced > summary").click();
  await page.locator("[name=evidence]").check();
  await page.locator("[value=own]").check();
  await look("a choice of columns");
  await page.locator("[name=columnSet][value=all]").check();
  await page.locator("[name=evidence]").uncheck();
  await page.locator("[value=csv]").check();
  await page.locator("[value=days]").check();
  await page.locator(".sheet .primary").click();
  await expectVisible(page.locator("[name=issuedFrom][aria-invalid=true]"));
  await look("a form with a mistake");
  await page.locator("[value=month]").check();
  await page.locator("[value=xlsx]").check();
  await look("a form of a month");
}

/** Leaves the page at the result. */
async function visitRunning({ page, hold, look }: Walk): Promise<void> {
  await page.locator("[name=span][value=all]").check();
  const letGo = hold();
  await page.locator(".sheet .primary").click();
  await expectVisible(page.locator(".running"));
  await look("a running export");
  await page.locator(".running a").click();
  await expectVisible(page.locator(".begun-list:has(li) + .sheet"));
  await look("a form beside a running export");
  await page.locator(".recent a").click();
  await expectVisible(page.locator(".running"));
  await captureDownload(page, async () => letGo());
  await expectVisible(page.locator(".ready"));
}

/** Makes a permanent link at the result, and returns its URL. Leaves the page at the result. */
async function visitResult({ page, stack, look }: Walk): Promise<string> {
  await page.locator(".as-table > summary").click();
  await look("a result");
  await stack.app.bucket.removeAll("files/");
  await page.locator(".ready .primary").click();
  await expectVisible(page.locator(".ready .complaint"));
  await page.locator(".shares > summary").click();
  await page.locator("[name=name]").fill("Boekhouder");
  await page.locator(".shares [type=submit]").click();
  await expectVisible(page.locator("#made-link"));
  const link = await page.locator("#made-link").inputValue();
  for (const guide of await page.locator(".guides summary").all()) await guide.click();
  await look("a file that is gone, and a new link");
  await page.locator(".share-list button").click();
  await expectVisible(page.getByRole("dialog"));
  await look("a question about a link");
  await page.keyboard.press("Escape");
  return link;
}

async function visitFaults({ page, stack, hideOffer, refuse, look }: Walk): Promise<void> {
  const fetchAgain = page.locator(".ready .actions .plain");
  hideOffer();
  await captureDownload(page, () => fetchAgain.click());
  await expectVisible(page.locator(".verdict.uncertain ul"));
  await look("an uncertain result with remarks");
  refuse();
  await fetchAgain.click();
  await expectVisible(page.locator(".failed h1"));
  await page.locator(".technical summary").click();
  await look("a failed export");
  await stack.app.bucket.removeAll("claims/check/");
  await page.goto("/");
  await expectVisible(page.locator(".failed .fault").first());
  await expectVisible(page.locator(".recent li").first());
  await look("a faulty setup, and a list");
  await page.locator(".recent li .actions button:last-child").last().click();
  await expectVisible(page.getByRole("dialog"));
  await look("a question about a file");
  await page.keyboard.press("Escape");
  await page.goto("/no/such/page");
  await expectVisible(page.locator(".notice"));
  await look("an unknown address");
}

async function visitShared({ page, stack, hold, look }: Walk, link: string): Promise<void> {
  await ageExports(stack, 48 * 3_600_000);
  const letGo = hold();
  await page.goto(link);
  await expectVisible(page.locator(".running"));
  await look("a permanent link that is being made");
  await captureDownload(page, async () => letGo());
  await expectVisible(page.locator(".ready"));
  await look("a permanent link");
  await page.goto("/s/nobody");
  await expectVisible(page.locator(".notice"));
  await look("an unknown link");
}
