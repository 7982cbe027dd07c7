import { describe, expect, it, onTestFinished } from "vitest";
import { makeDemo } from "../../local/portal/demo-data.ts";
import { captureDownload, openTab, expectVisible, signIn } from "../support/browser.ts";
import { eventually } from "../support/captured-output.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { readWorkbook } from "../support/workbook-reader.ts";
import { accessToken, openTestStack } from "../support/test-stack.ts";

async function openDemoStack() {
  const { offers } = makeDemo({ today: "2026-11-22" });
  return await openTestStack(await openTestPortal({ offers }));
}

async function openSmallStack() {
  return await openTestStack(await openTestPortal({ offers: rawOffers(3) }));
}

describe("a first visit", () => {
  it("leads from the address and the token to the spreadsheet", async () => {
    const page = await openTab(await openDemoStack());
    await page.goto("/");
    await expectVisible(page.locator("[name=token]:focus"));
    await page.keyboard.type(accessToken);
    await page.keyboard.press("Enter");
    const file = await captureDownload(page, () =>
      page.getByRole("button", { name: "Maak de spreadsheet" }).click(),
    );
    expect((await readWorkbook(file)).getWorksheet("Offertes")?.rowCount).toBe(348);

    await expectVisible(page.getByRole("heading", { name: "Je spreadsheet is klaar" }));
    expect(await page.getByText(/^347 offertes, €/).isVisible()).toBe(true);
    expect(
      await page.getByRole("img", { name: /^Staafdiagram: \d+ offertes in twaalf maanden/ }).isVisible(),
    ).toBe(true);
    expect(await page.getByText(/^Volledig\. Het portaal telt 347 offertes/).isVisible()).toBe(true);
    expect(new URL(page.url()).pathname).toMatch(/^\/exports\/[\w-]+$/);
  });

  it("shows once that the setup is fine", async () => {
    const page = await openTab(await openSmallStack());
    await page.goto("/");
    await signIn(page);
    await expectVisible(page.getByText("Alles staat goed"));
    await page.reload();
    const checked = page.waitForResponse((response) => response.url().endsWith("/check"));
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    await checked;
    expect(await page.getByText("Alles staat goed").count()).toBe(0);
  });

  it("shows a fault of the setup until it is fixed", async () => {
    const portal = await openTestPortal({ offers: rawOffers(1) });
    const stack = await openTestStack(portal, { PORTAL_API_KEY: "a-key-of-nobody" });
    const page = await openTab(stack);
    await page.goto("/");
    await signIn(page);
    for (const open of [async () => undefined, () => page.reload()]) {
      await open();
      await expectVisible(page.getByRole("heading", { name: "Er is iets wat aandacht vraagt" }));
      expect(await page.getByText("Het portaal accepteert de API-sleutel niet").isVisible()).toBe(true);
    }
  });

  it("does not call a setup fine that could not be checked", async () => {
    const hold = Promise.withResolvers<boolean>();
    const portal = await openTestPortal({ offers: rawOffers(1), intercept: () => hold.promise });
    const stack = await openTestStack(portal);
    onTestFinished(() => hold.resolve(false));
    await stack.ask("exports", { method: "POST", headers: { authorization: `Bearer ${accessToken}` } });
    await eventually(() => expect(portal.requests).toHaveLength(1));
    const page = await openTab(stack);
    await page.goto("/");
    const checked = page.waitForResponse((response) => response.url().endsWith("/check"));
    await signIn(page);
    expect(await (await checked).json()).toMatchObject({ ok: true });
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    expect(await page.getByText("Alles staat goed").count()).toBe(0);
  });

  it("checks a faulty setup again when the form is shown again", async () => {
    const portal = await openTestPortal({
      offers: rawOffers(1),
      intercept: (_, response) => Boolean(response.writeHead(404).end()),
    });
    const page = await openTab(await openTestStack(portal));
    await page.goto("/");
    await signIn(page);
    await expectVisible(
      page.getByText("Op het ingestelde adres van het portaal is dit niet te vinden").first(),
    );
    const checked = page.waitForResponse((response) => response.url().endsWith("/check"));
    await page.getByRole("button", { name: "English" }).click();
    expect((await checked).status()).toBe(200);
  });

  it("shows a warning about the setup until the reader dismisses it", async () => {
    const portal = await openTestPortal({
      offers: rawOffers(1),
      intercept: ({ url }, response) => url.includes("/customers") && Boolean(response.writeHead(403).end()),
    });
    const page = await openTab(await openTestStack(portal));
    await page.goto("/");
    await signIn(page);
    await expectVisible(page.getByText("De API-sleutel mag geen klanten lezen"));
    await page.reload();
    await expectVisible(page.getByText("De API-sleutel mag geen klanten lezen"));
    await page.getByRole("button", { name: "Sluiten" }).click();
    const checked = page.waitForResponse((response) => response.url().endsWith("/check"));
    await page.reload();
    await checked;
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    expect(await page.getByText("De API-sleutel mag geen klanten lezen").count()).toBe(0);
  });
});

describe("a browser that blocks the data of sites", () => {
  it("still shows the page, which keeps its data until it is closed", async () => {
    const page = await openTab(await openSmallStack());
    await page.addInitScript(`for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });`);
    await page.goto("/");
    await signIn(page);
    await captureDownload(page, () => page.getByRole("button", { name: "Maak de spreadsheet" }).click());
    await page.getByRole("button", { name: "English" }).click();
    await expectVisible(page.getByRole("heading", { name: "Your spreadsheet is ready" }));
  });
});

describe("the link that skips to the content", () => {
  it("moves the focus to the content, and keeps typed text", async () => {
    const page = await openTab(await openSmallStack());
    await page.goto("/");
    await page.getByLabel("Toegangscode").fill("half");
    await page.getByRole("link", { name: "Naar de inhoud" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(":focus").getAttribute("id")).toBe("content");
    await page.evaluate('location.hash = "elsewhere"');
    await page.goBack();
    expect(await page.getByLabel("Toegangscode").inputValue()).toBe("half");
  });
});

describe("an answer that is not the API's own", () => {
  it("says that there are too many visitors when AWS throttles them", async () => {
    const page = await openTab(await openSmallStack(), { statuses: [429] });
    await page.route("**/exports", (route) => route.fulfill({ status: 429, body: "" }));
    await page.goto("/");
    await signIn(page);
    await expectVisible(page.getByText("Er zijn nu te veel bezoekers tegelijk."));
  });

  it("shows technical details", async () => {
    const page = await openTab(await openSmallStack(), { statuses: [500] });
    const body = JSON.stringify({ code: "internal_error", detail: "A bug.", requestId: "r-1" });
    await page.route("**/exports", (route) => route.fulfill({ status: 500, body }));
    await page.goto("/");
    await signIn(page);
    await page.getByText("Technische details").click();
    expect(await page.getByText("internal_error: A bug. (requestId r-1)").isVisible()).toBe(true);
  });
});

describe("the access token", () => {
  it.each(["a wrong one", "ééntje", "x"])("is asked for again when it was %s", async (wrong) => {
    const page = await openTab(await openSmallStack(), { statuses: [401] });
    await page.goto("/");
    const field = page.getByLabel("Toegangscode");
    await field.fill(wrong);
    await page.getByRole("button", { name: "Verder" }).click();
    await expectVisible(page.getByText("Deze code klopt niet"));
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator(":focus").getAttribute("name")).toBe("token");
    await field.fill(` ${accessToken} `);
    expect(await page.getByText("Deze code klopt niet").count()).toBe(0);
    await page.getByRole("button", { name: "Verder" }).click();
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
  });

  it("is kept for the tab, is in no address, and is forgotten by signing out", async () => {
    const page = await openTab(await openSmallStack());
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto("/");
    await signIn(page);
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    await page.reload();
    await expectVisible(page.getByRole("button", { name: "Maak de spreadsheet" }));
    await page.getByRole("button", { name: "Uitloggen" }).click();
    await expectVisible(page.getByLabel("Toegangscode"));
    await page.reload();
    await expectVisible(page.getByLabel("Toegangscode"));
    expect(asked.filter((url) => url.includes(accessToken))).toEqual([]);
    expect(await page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")).not.toContain(
      accessToken,
    );
  });

  it("is asked for again when it is no longer accepted, and the visit goes on where it was", async () => {
    const stack = await openSmallStack();
    const page = await openTab(stack, { statuses: [401] });
    await page.goto("/");
    await page.evaluate('sessionStorage.setItem("access-token", "one-of-yesterday")');
    await page.goto("/export?format=csv");
    await expectVisible(page.getByText("Je toegangscode is niet meer geldig"));
    await signIn(page);
    await expectVisible(page.getByRole("heading", { name: "Je spreadsheet is klaar" }));
  });
});

describe("the language", () => {
  it("is the browser's, if the page has it", async () => {
    const page = await openTab(await openSmallStack(), { locale: "en-GB" });
    await page.goto("/");
    await expectVisible(page.getByRole("heading", { name: "All your offers in one spreadsheet" }));
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  it("is Dutch for any other browser", async () => {
    const page = await openTab(await openSmallStack(), { locale: "de-DE" });
    await page.goto("/");
    await expectVisible(page.getByRole("heading", { name: "Al je offertes in één spreadsheet" }));
    expect(await page.locator("html").getAttribute("lang")).toBe("nl");
  });

  it("takes away nothing that the reader chose, typed or was shown once when it is switched", async () => {
    const page = await openTab(await openSmallStack());
    await page.goto("/");
    await signIn(page);
    await expectVisible(page.getByText("Alles staat goed"));
    await page.getByText("Meer keuzes").click();
    await page.getByRole("radio", { name: "eigen keuze" }).check();
    await page.getByRole("radio", { name: "van … tot en met …" }).check();
    await page.getByRole("radio", { name: "alle jaren" }).check();
    await page.getByRole("group", { name: "Taal" }).getByRole("radio", { name: "Nederlands" }).click();
    await page.locator(".shares > summary").click();
    await page.locator("[name=name]").fill("Boekhouder");
    await page.locator(".shares [type=submit]").click();
    const link = await page.locator("#made-link").inputValue();
    await page.getByText("In Google Sheets").click();
    const address = page.url();
    await page.evaluate(
      'document.querySelector("[role=status]").textContent = "Het downloaden is begonnen."',
    );

    await page.getByRole("button", { name: "English" }).click();
    await expectVisible(page.getByRole("heading", { name: "All your offers in one spreadsheet" }));
    expect(await page.getByRole("status").textContent()).toBe("");
    await expectVisible(page.getByText("All is well"));
    expect(await page.locator("#made-link").inputValue()).toBe(link);
    expect(await page.locator("[name=name]").inputValue()).toBe("Boekhouder");
    for (const section of ["In Google Sheets", "More choices"])
      expect(await page.locator("details[open] > summary").getByText(section).isVisible()).toBe(true);
    expect(await page.getByRole("radio", { name: "my own choice" }).isChecked()).toBe(true);
    expect(await page.locator(".columns").isVisible()).toBe(true);
    expect(await page.getByRole("radio", { name: "Dutch" }).isChecked()).toBe(true);
    expect(page.url()).toBe(address);
    await page.getByRole("button", { name: "Revoke: Boekhouder" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.locator("#made-link").waitFor({ state: "detached" });
  });

  it("is switched with one click, is remembered, and keeps the form's options", async () => {
    const page = await openTab(await openSmallStack());
    await page.goto("/");
    await signIn(page);
    await page.getByRole("radio", { name: "CSV" }).check();
    await page.getByRole("checkbox", { name: "Verlopen" }).uncheck();
    await page.getByRole("button", { name: "English" }).click();
    await expectVisible(page.getByRole("heading", { name: "All your offers in one spreadsheet" }));
    expect(await page.getByRole("radio", { name: "CSV" }).isChecked()).toBe(true);
    expect(await page.getByRole("checkbox", { name: "Expired" }).isChecked()).toBe(false);
    expect(await page.getByRole("radio", { name: "English" }).isChecked()).toBe(true);
    await page.reload();
    await expectVisible(page.getByRole("heading", { name: "All your offers in one spreadsheet" }));
  });
});
