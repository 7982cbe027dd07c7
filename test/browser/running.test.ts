import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFastClock } from "../../local/fast-clock.ts";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { captureDownload, openTab, expectVisible, signIn } from "../support/browser.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { readWorkbook } from "../support/workbook-reader.ts";
import { openTestStack } from "../support/test-stack.ts";
import { eventually } from "../support/captured-output.ts";

async function openHome(page: Page): Promise<void> {
  await page.goto("/");
  await signIn(page);
  await expectVisible(page.getByText("Alles staat goed"));
}

const make = (page: Page) => page.getByRole("button", { name: "Maak de spreadsheet" }).click();
const seeRunning = (page: Page) =>
  expectVisible(page.getByRole("heading", { name: "Je offertes worden opgehaald" }));
const seeReady = (page: Page) =>
  expectVisible(page.getByRole("heading", { name: "Je spreadsheet is klaar" }));

/** Opens a tab with a running export. The portal answers no request of the export until the test calls `letGo`. */
async function openRunning(visit: Parameters<typeof openTab>[1] = {}) {
  let gate: Promise<boolean> = Promise.resolve(false);
  const portal = await openTestPortal({ offers: rawOffers(3), intercept: () => gate });
  const stack = await openTestStack(portal);
  const page = await openTab(stack, visit);
  await openHome(page);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  gate = promise;
  const letGo = () => resolve(false);
  onTestFinished(letGo);
  await make(page);
  await seeRunning(page);
  return { page, letGo };
}

describe("a running export", () => {
  it("says what it waits for, counts down, announces it once to screen readers, and can be cancelled", async () => {
    const { offers } = makeDemo({ today: "2026-11-22" });
    const clock = createFastClock(4);
    const portal = await openTestPortal({ offers, limit: 12, clock });
    const page = await openTab(await openTestStack(portal, {}, clock));
    await openHome(page);
    await make(page);

    const stage = page
      .locator(".stage")
      .filter({ hasText: "Het portaal laat 12 verzoeken per minuut toe; verder over" });
    await expectVisible(stage);
    const announced = await page.getByRole("status").textContent();
    expect(announced).toMatch(/Het portaal laat 12 verzoeken per minuut toe; verder over \d+ s\.$/);
    const countSeconds = async () => Number(/(\d+) s/.exec((await stage.textContent()) ?? "")?.[1]);
    const first = await countSeconds();
    await eventually(async () => expect(await countSeconds()).toBeLessThan(first));
    expect(await page.getByRole("status").textContent()).toBe(announced);

    const cancel = page.getByRole("button", { name: "Annuleren" });
    await cancel.click();
    await page.getByRole("dialog").getByRole("button", { name: "Doorgaan" }).click();
    await cancel.click();
    await page.getByRole("dialog").getByRole("button", { name: "Stoppen" }).click();
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    expect(await page.getByRole("status").textContent()).toBe("Het ophalen is geannuleerd.");
    expect(await page.locator("main").getByText("Het ophalen is geannuleerd.").isVisible()).toBe(true);
    const row = page.getByRole("listitem").filter({ hasText: "Geannuleerd" });
    expect(await row.count()).toBe(1);
    await row.getByRole("button", { name: "Uit de lijst halen" }).click();
    await page.reload();
    await expectVisible(page.getByText("Nog niets. Wat je maakt, vind je hier terug."));
  });

  it("shows its progress and when it will be finished", async () => {
    const { offers } = makeDemo({ today: "2026-11-22" });
    const clock = createFastClock(40);
    const portal = await openTestPortal({ offers, limit: 12, clock });
    const page = await openTab(await openTestStack(portal, {}, clock));
    await openHome(page);
    const done = captureDownload(page, () => make(page));
    const progress = page.locator(".progress").filter({
      has: page.getByText("want het portaal vertelt niet hoeveel offertes er zijn").filter({ visible: true }),
    });
    const known = /Pagina's[1-9]\d*Offertes[1-9]\d*Klaarnog onbekendBezig sinds\d\d:\d\d/;
    await expectVisible(progress.filter({ hasText: known }));
    await done;
    expect(portal.requests.map(({ status }) => status)).not.toContain(429);
  });

  it("is shown again after a reload, and is downloaded when it is finished", async () => {
    const { page, letGo } = await openRunning();
    await page.reload();
    await seeRunning(page);
    const file = await captureDownload(page, async () => letGo());
    expect((await readWorkbook(file)).getWorksheet("Offertes")?.rowCount).toBe(4);
    await seeReady(page);
  });

  it("goes on when the reader opens the form, whose list follows it and downloads it", async () => {
    const { page, letGo } = await openRunning();
    await page.getByRole("link", { name: "Naar de startpagina" }).click();
    const item = page.locator(".recent li");
    await expectVisible(item.filter({ hasText: "Bezig" }));
    await captureDownload(page, async () => letGo());
    await expectVisible(
      page.locator(".finished").getByText(/^Klaar: Excel · .* Het downloaden is begonnen\./),
    );
    await expectVisible(item.filter({ hasText: "Klaar" }).getByText("3 offertes"));
    expect(await page.getByRole("heading", { name: "Al begonnen" }).count()).toBe(0);
    expect(await item.count()).toBe(1);
  });

  it("is left by a click on the page's name, without loading the page again", async () => {
    const { page } = await openRunning();
    await page.evaluate('document.body.dataset.mark = "kept"');
    await page.locator(".brand").click();
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    expect(await page.locator("body").getAttribute("data-mark")).toBe("kept");
  });

  it("is shown above the form to a reader who comes back", async () => {
    const { page, letGo } = await openRunning();
    const later = await page.context().newPage();
    await later.goto("/");
    await signIn(later);
    const running = later.locator(".recent", { has: later.getByRole("heading", { name: "Al begonnen" }) });
    await expectVisible(running.getByText("Bezig"));
    expect(await later.locator(".begun-list:has(li) + .sheet").count()).toBe(1);
    await captureDownload(page, async () => letGo());
    const finished = later.locator(".finished");
    await expectVisible(finished.getByText(/^Klaar: Excel · alle jaren · alle statussen · Nederlands\.$/));
    expect(await running.count()).toBe(0);
    await captureDownload(later, () => finished.getByRole("button", { name: "Downloaden" }).click());
  });

  it("that somebody else started is listed, can be opened, and is not downloaded automatically", async () => {
    const { page, letGo } = await openRunning();
    const other = await page.context().newPage();
    const downloads: unknown[] = [];
    other.on("download", (download) => downloads.push(download));
    await other.goto("/");
    await signIn(other);
    await other.locator(".recent li").getByRole("link", { name: "Volgen" }).click();
    await seeRunning(other);
    await captureDownload(page, async () => letGo());
    await seeReady(other);
    expect(await other.locator(".begun").count()).toBe(0);
    expect(downloads).toEqual([]);
  });

  it("is still followed after the connection breaks", async () => {
    const { page, letGo } = await openRunning({ isOffline: true });
    await page.context().setOffline(true);
    await expectVisible(page.getByText("Even geen verbinding", { exact: false }).first());
    await page.context().setOffline(false);
    await captureDownload(page, async () => letGo());
    await seeReady(page);
  });

  it("that fails says why and what to do, and can be tried again", async () => {
    let isForbidden = false;
    const portal = await openTestPortal({
      offers: rawOffers(3),
      intercept: (_, response) => {
        if (isForbidden) response.writeHead(403).end();
        return isForbidden;
      },
    });
    const page = await openTab(await openTestStack(portal));
    await openHome(page);
    isForbidden = true;
    await make(page);
    await expectVisible(page.getByRole("heading", { name: "Het ophalen is mislukt" }));
    expect(await page.getByText("De API-sleutel mag geen offertes lezen", { exact: false }).isVisible()).toBe(
      true,
    );
    isForbidden = false;
    await captureDownload(page, () => page.getByRole("button", { name: "Opnieuw proberen" }).click());
    await seeReady(page);
  });
});
