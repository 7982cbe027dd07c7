import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PresentedExport } from "../../functions/core/contract/response-bodies.ts";
import {
  captureDownload,
  expectVisible,
  findAccessibilityViolations,
  openTab,
  signIn,
} from "../support/browser.ts";
import { eventually } from "../support/captured-output.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestMailServer } from "../support/test-mail-server.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { accessToken, openTestStack } from "../support/test-stack.ts";

const ready = "Je spreadsheet is klaar";
const seeHeading = (page: Page, name: string) => expectVisible(page.getByRole("heading", { name }));
const openStack = async () => await openTestStack(await openTestPortal({ offers: rawOffers(3) }));

/** Opens a tab and makes a file in it. */
async function openWithFile() {
  const stack = await openStack();
  const page = await openTab(stack, { statuses: [410] });
  await page.goto("/export?format=csv&status=open,expired&period=2024");
  await signIn(page);
  await seeHeading(page, ready);
  const clean = () => stack.app.bucket.removeAll("files/");
  return { page, clean };
}

const headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
type Stack = Awaited<ReturnType<typeof openTestStack>>;

async function readShown({ ask }: Stack, id: string): Promise<PresentedExport> {
  return PresentedExport.parse(await (await ask(`exports/${id}`, { headers })).json());
}

async function queueMail({ ask }: Stack, mailTo: string[]): Promise<PresentedExport> {
  const response = await ask("exports", { method: "POST", headers, body: JSON.stringify({ mailTo }) });
  return PresentedExport.parse(await response.json());
}

describe("an earlier export", () => {
  it("is listed with its options in words, its file and its result", async () => {
    const { page } = await openWithFile();
    await page.getByRole("link", { name: "Nog een spreadsheet" }).click();
    const item = page
      .getByRole("listitem")
      .filter({ hasText: "CSV voor Excel · 2024 · alleen open, verlopen · Nederlands" });
    await expectVisible(item);
    expect(await item.getByText("Zojuist klaar").isVisible()).toBe(true);
    const file = await captureDownload(page, () => item.getByRole("button", { name: "Downloaden" }).click());
    expect(file.toString().split("\r\n")).toHaveLength(5);
    await item.getByRole("link", { name: "Bekijken" }).click();
    await seeHeading(page, ready);
    await page.goBack();
    await expectVisible(item);
  });

  it("offers the same options again when its file has been cleaned up", async () => {
    const { page, clean } = await openWithFile();
    await page.getByRole("link", { name: "Nog een spreadsheet" }).click();
    await clean();
    await page.getByRole("button", { name: "Downloaden" }).click();
    await expectVisible(page.getByText("Dit bestand is opgeruimd"));
    const again = page.getByRole("button", { name: "Maak het opnieuw met dezelfde keuzes" });
    const file = await captureDownload(page, () => again.click());
    expect(file.toString()).toContain("Offertenummer;");
    await seeHeading(page, ready);
    expect(
      await page.getByText("CSV voor Excel · 2024 · alleen open, verlopen · Nederlands").isVisible(),
    ).toBe(true);
  });
});

describe("a report that is mailed", () => {
  it("shows its receivers and the state of each mail", async () => {
    const post = await openTestMailServer(({ Destination }) =>
      Destination.ToAddresses[0] === "bram@example.com" ? "reject" : "take",
    );
    const portal = await openTestPortal({ offers: rawOffers(3) });
    const stack = await openTestStack(portal, {
      MAIL_SENDER: "reports@example.com",
      PUBLIC_URL: "https://reports.example",
      SES_ENDPOINT: post.url,
    });
    const { id } = await queueMail(stack, ["anna@example.com", "bram@example.com"]);
    await eventually(async () => {
      const { deliveries } = await readShown(stack, id);
      expect(deliveries?.map(({ status }) => status).toSorted()).toEqual(["failed", "sent"]);
    });
    const page = await openTab(stack);
    await page.goto(`/exports/${id}`);
    await signIn(page);
    await seeHeading(page, "Verzending");
    await expectVisible(page.getByText(/^anna@example\.com: verzonden op \d/));
    await expectVisible(page.getByText(/^bram@example\.com: niet aangekomen/));
    expect(await page.getByText("MessageRejected").getAttribute("lang")).toBe("en");
    expect(await findAccessibilityViolations(page)).toEqual([]);
  });

  it("is the only kind of report with that section", async () => {
    const { page } = await openWithFile();
    expect(await page.getByRole("heading", { name: "Verzending" }).count()).toBe(0);
  });
});

describe("an address", () => {
  it("with options makes that export, and downloads it at once with `redirect=true`", async () => {
    const page = await openTab(await openStack());
    await page.goto("/export?format=csv&language=en&redirect=true");
    const file = await captureDownload(page, () => signIn(page));
    expect(file.toString()).toContain("Offer number,");
    await seeHeading(page, ready);
    expect(new URL(page.url()).pathname).toMatch(/^\/exports\/[\w-]+$/);
  });

  it("with wrong options shows each error at its field", async () => {
    const page = await openTab(await openStack(), { statuses: [400] });
    await page.goto("/export?period=last-week&asOf=2999-01-01&colour=red");
    await signIn(page);
    await expectVisible(page.getByText("Kies een maand of een jaar."));
    expect(await page.getByText("De peildatum ligt in de toekomst.").isVisible()).toBe(true);
    expect(await page.getByText("In het adres van deze pagina klopt “colour” niet.").isVisible()).toBe(true);
    expect(await page.getByLabel("Peildatum").getAttribute("aria-invalid")).toBe("true");
  });

  it("of a file downloads it", async () => {
    const { page } = await openWithFile();
    const { pathname } = new URL(page.url());
    await captureDownload(page, () => page.goto(`${pathname}/file`));
    await seeHeading(page, ready);
  });

  it("of a file that has been cleaned up offers the same options again", async () => {
    const { page, clean } = await openWithFile();
    const { pathname } = new URL(page.url());
    await clean();
    await page.goto(`${pathname}/file`);
    await seeHeading(page, "Dit bestand is er niet meer");
    await captureDownload(page, () => page.getByRole("button", { name: "Maak het opnieuw" }).click());
  });

  it.each(["/exports/zd37ovrvu-cbeb91a97cff-8a6fe4372267", "/exports/x/file", "/no/such/page"])(
    "that does not exist says so: %s",
    async (path) => {
      const page = await openTab(await openStack(), { statuses: [404] });
      await page.goto("/");
      await signIn(page);
      await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
      await page.goto(path);
      await expectVisible(page.getByRole("heading", { name: /bestaat niet|is er niet/ }));
      await page.getByRole("link", { name: "Naar de startpagina" }).click();
      await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    },
  );
});

describe("the form", () => {
  it("has its choices in the address, and says what it did not understand of an address", async () => {
    const page = await openTab(await openStack());
    await page.goto("/?period=2016-13&status=expired&asOf=2024-11-05");
    await signIn(page);
    const misread = page.getByText("niet begrepen en dus weggelaten: period=2016-13.");
    await expectVisible(misread);
    await page.getByRole("radio", { name: "vorige maand (oktober 2024)" }).check();
    expect(await misread.count()).toBe(0);
    await page.getByLabel("Peildatum").fill("2024-07-05");
    const sentence = "Excel · vorige maand (juni 2024) · alleen verlopen · stand van 5 jul 2024 · Nederlands";
    expect(await page.locator(".sheet .sentence").textContent()).toBe(sentence);
    await page.getByRole("radio", { name: "vorig kwartaal (april t/m juni 2024)" }).check();
    const address = page.url();
    expect(new URL(address).search).toBe("?period=last-quarter&status=expired&asOf=2024-07-05");
    await captureDownload(page, () => page.getByRole("button", { name: "Maak de spreadsheet" }).click());
    await expectVisible(page.locator(".ready").getByText("vorig kwartaal (april t/m juni 2024)"));
    await page.getByRole("link", { name: "Nog een spreadsheet" }).click();
    await expectVisible(page.locator(".recent").getByText("vorig kwartaal (april t/m juni 2024)"));
    expect(page.url()).toBe(address);
  });

  it("shows each error at its field, and moves the focus to the first", async () => {
    const page = await openTab(await openStack(), { statuses: [400] });
    await page.goto("/");
    await signIn(page);
    for (const name of ["Open", "Geaccepteerd", "Afgewezen", "Verlopen"])
      await page.getByRole("checkbox", { name, exact: true }).uncheck();
    expect(await page.locator(".sheet .sentence").textContent()).toContain(" · geen status gekozen · ");
    await page.getByRole("radio", { name: "van … tot en met …" }).check();
    await page.getByRole("button", { name: "Maak de spreadsheet" }).click();
    await expectVisible(page.getByText("Kies ten minste één status."));
    expect(await page.getByText("Vul een begindatum of een einddatum in.").isVisible()).toBe(true);
    expect(await page.locator(":focus").getAttribute("name")).toBe("issuedFrom");
    await page.getByRole("checkbox", { name: "Open", exact: true }).check();
    expect(await page.getByText("Kies ten minste één status.").count()).toBe(0);
    await expectVisible(page.getByText("Kijk de gemarkeerde keuzes na."));
    await page.getByLabel("Van", { exact: true }).fill("0202-03-04");
    await expectVisible(page.getByText("Het jaar 202? Kijk of deze datum klopt."));
    expect(await page.locator(".complaint:visible").count()).toBe(0);
    await page.getByLabel("Van", { exact: true }).fill("2024-03-04");
    expect(await page.locator(".warning:visible").count()).toBe(0);
    await page.getByLabel("Tot en met", { exact: true }).pressSequentially("1");
    await page.getByRole("button", { name: "Maak de spreadsheet" }).click();
    await expectVisible(page.getByText("Deze datum bestaat niet of is nog niet af."));
    await page.getByRole("radio", { name: "alle jaren" }).check();
    expect(await page.locator(".complaint:visible").count()).toBe(0);
    await captureDownload(page, () => page.getByRole("button", { name: "Maak de spreadsheet" }).click());
  });
});
