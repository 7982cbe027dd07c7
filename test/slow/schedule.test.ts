import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { PortalOptions } from "../../local/portal/portal-server.ts";
import { readSettings } from "../../local/stack-settings.ts";
import { startStack } from "../../local/stack.ts";
import { launchProgram } from "../support/launch-program.ts";
import { rawOffer, rawOffers } from "../support/offer-fixtures.ts";
import { countCrawls, openTestPortal, portalKey } from "../support/test-portal.ts";
import { readWorkbook } from "../support/workbook-reader.ts";

const at = "2026-12-01T06:00";
const ownToken = "a-token-that-somebody-set";

/** Opens a portal of three offers, and a folder that programs share. One of the offers was issued in November 2026. */
async function openShared(options: Pick<PortalOptions, "intercept"> = {}) {
  const november = rawOffer({ id: "off_november", offerNumber: "2026-11", issuedAt: "2026-11-10" });
  const portal = await openTestPortal({ offers: [november, ...rawOffers(2)], ...options });
  const directory = await mkdtemp(join(tmpdir(), "offer-export-schedule-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const settings = { PORTAL_API_URL: portal.url, PORTAL_API_KEY: portalKey, LOCAL_DIR: directory };
  return { portal, directory, settings };
}

/** Runs the program of `npm run schedule` without npm, and waits until the program ends. */
function fire(settings: Record<string, string>, ...flags: string[]) {
  return launchProgram("local/schedule.ts", settings, { flags });
}

function start(settings: Record<string, string>) {
  return launchProgram("local/start.ts", settings, { readyAt: "serving until Ctrl-C" });
}

async function listNumbers(path: string): Promise<unknown[]> {
  const sheet = (await readWorkbook(await readFile(path))).getWorksheet("Offertes");
  return (sheet?.getColumn(1).values ?? []).slice(2);
}

describe("npm run schedule", () => {
  it("makes the reports of the month and of all offers, as of the day before, once for each tick", async () => {
    const { portal, settings } = await openShared();
    const first = await fire(settings, "--at", at);
    expect(first.child.exitCode).toBe(0);
    expect(first.output()).toContain("exported 1 of 3 offers: this-month, as of 2026-11-30");
    expect(first.output()).toContain("exported 3 of 3 offers: all, as of 2026-11-30");
    const [month = "", all = ""] = first.findAll("spreadsheet");
    expect(await listNumbers(month)).toEqual(["2026-11"]);
    expect(await listNumbers(all)).toEqual(["2026-11", "2024-1", "2024-2"]);
    expect(countCrawls(portal)).toBe(1);
    const again = await fire(settings, "--at", at, "--schedule", "monthly");
    expect(again.findAll("spreadsheet")).toEqual([month, all]);
    expect(again.output()).toContain("made already 3 of 3 offers");
    expect(again.output()).not.toContain("is no tick of");
    expect(countCrawls(portal)).toBe(1);
    const next = await fire(settings, "--at", "2027-01-01T06:00");
    expect(next.output()).toContain("exported 0 of 3 offers: this-month, as of 2026-12-31");
    expect(countCrawls(portal)).toBe(2);
  });

  it("lets a running stack handle the tick, without its token", async () => {
    const { directory, settings } = await openShared();
    const running = await start({ ...settings, ACCESS_TOKEN: ownToken });
    const refused = await fire({ ...settings, SCHEDULES: "[]" }, "--at", at);
    expect(refused.child.exitCode).toBe(1);
    expect(refused.errors()).toMatch(
      /^NOT USED, because the stack that runs [^\n]* others: SCHEDULES\.[^\n]*\n$/,
    );
    expect((await stat(join(directory, "control-socket.json"))).mode & 0o077).toBe(0);
    const { child, output } = await fire(settings, "--at", at);
    expect(child.exitCode).toBe(0);
    expect(output()).toContain("the stack that runs in the folder of LOCAL_DIR runs the tick");
    const headers = { authorization: `Bearer ${ownToken}` };
    const listed = await fetch(`${running.find("page")}exports`, { headers });
    expect(await listed.json()).toMatchObject({
      exports: [{ status: "succeeded" }, { status: "succeeded" }],
    });
    expect(await readFile(join(directory, "control-socket.json"), "utf8")).not.toContain(ownToken);
    running.child.kill("SIGINT");
    await once(running.child, "exit");
    await expect(stat(join(directory, "control-socket.json"))).rejects.toThrow("ENOENT");
  });

  it("starts a stack of its own when the other one was killed", async () => {
    const { settings } = await openShared();
    const { child } = await start(settings);
    child.kill("SIGKILL");
    await once(child, "exit");
    const { output } = await fire(settings, "--at", at);
    expect(output()).toContain("exported 3 of 3 offers");
  });

  it("ends with the error, and tries again at the next run", async () => {
    let isAway = true;
    const { settings } = await openShared({
      intercept: (_request, response) => isAway && Boolean(response.writeHead(401).end()),
    });
    const failed = await fire(settings, "--at", at);
    expect(failed.child.exitCode).toBe(1);
    expect(failed.output()).toContain("The portal does not accept the API key (401).");
    isAway = false;
    expect((await fire(settings, "--at", at)).output()).toContain("exported 3 of 3 offers");
  });

  it("stops at Ctrl-C, and continues at the next run", async () => {
    const hold = Promise.withResolvers<boolean>();
    onTestFinished(() => hold.resolve(false));
    const { portal, settings } = await openShared({ intercept: ({ n }) => n === 1 && hold.promise });
    const launch = { flags: ["--at", at], readyAt: "pages" };
    const { child, output } = await launchProgram("local/schedule.ts", settings, launch);
    await vi.waitFor(() => expect(portal.requests).toHaveLength(1));
    child.kill("SIGINT");
    hold.resolve(false);
    const [status] = await once(child, "close");
    expect(status).toBe(130);
    expect(output()).toContain("the reports go on at the next run of the same command");
    expect((await fire(settings, "--at", at)).output()).toContain("exported 3 of 3 offers");
  });

  it("makes the reports of the named schedule, with its settings", async () => {
    const { settings } = await openShared();
    const report = {
      format: "csv",
      dialect: "machine",
      status: ["open", "expired"],
      issuedFrom: "2024-01-01",
    };
    const SCHEDULES = JSON.stringify([
      { name: "monthly", expression: "cron(0 6 1 * ? *)", reports: [{}] },
      {
        name: "weekly",
        expression: "cron(0 7 ? * MON *)",
        reports: [report],
        recipients: ["anna@example.com"],
      },
    ]);
    const set = { ...settings, SCHEDULES, MAIL_SENDER: "reports@example.com" };
    const { find, output } = await fire(set, "--at", at, "--schedule", "weekly");
    expect((await readFile(find("spreadsheet"), "utf8")).split("\r\n")).toHaveLength(5);
    expect(output()).not.toContain("xlsx");
    expect(output()).toContain("offers: status open,expired, issued from 2024-01-01, as of 2026-11-30");
    expect(find("mails")).toBe("1 sent");
    expect(output()).toContain("mails went to a trial mail server that ends now");
    expect(output()).toMatch(/^2026-12-01T06:00 is no tick of the schedule weekly, .* is 2026-11-30T07:00$/m);
  });

  it("saves no invented offers when a setting about the portal is not used", async () => {
    const { directory } = await openShared();
    const { child, errors } = await fire({ LOCAL_DIR: directory, PORTAL_KEY: portalKey }, "--at", at);
    expect(child.exitCode).toBe(1);
    expect(errors()).toMatch(/^nothing was exported: there is no setting PORTAL_KEY; [^\n]*\n$/);
  });

  it.each([
    [[], "--at is missing"],
    [["--at", "soon"], "--at takes a time that the clocks of Europe/Amsterdam show"],
    [["--when", at], "does not know --when: there are --at, --schedule, --help"],
  ])("refuses %j in one line", async (flags, complaint) => {
    const { settings } = await openShared();
    const { child, output } = await fire(settings, ...flags);
    expect(child.exitCode).toBe(1);
    expect(output().trimEnd().split("\n")).toEqual([expect.stringContaining(complaint)]);
  });

  it("refuses schedules that are malformed, as npm start does", async () => {
    const { settings } = await openShared();
    const { child, output } = await fire({ ...settings, SCHEDULES: "[{}]" }, "--at", at);
    expect(child.exitCode).toBe(1);
    expect(output().trimEnd()).toMatch(/^the setting SCHEDULES is malformed: \[0\]\.name .*$/);
  });

  it("refuses other times, and names the schedules when it does not have one", async () => {
    const { settings } = await openShared();
    const env = { ...settings, PORT: "0", ACCESS_TOKEN: ownToken };
    const stack = await startStack(readSettings(env), env);
    onTestFinished(() => stack.stop());
    for (const time of ["2027-03-28T02:30", "tomorrow"])
      await expect(stack.runTick({ at: time, schedule: null })).rejects.toThrow(
        /^--at takes a time that the clocks of Europe\/Amsterdam show.*$/,
      );
    await expect(stack.runTick({ at, schedule: "weekly" })).rejects.toThrow(
      /^There is no such schedule; SCHEDULES has monthly\.$/,
    );
  });
});
