import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { PortalRequest } from "../../local/portal/portal-server.ts";
import { eventually } from "../support/captured-output.ts";
import { launchProgram } from "../support/launch-program.ts";
import { rawOffer, rawOffers } from "../support/offer-fixtures.ts";
import { countCrawls, openTestPortal, portalKey, type TestPortalOptions } from "../support/test-portal.ts";

/** Opens a portal of three offers, and a folder in which the user calls the command. LOCAL_DIR is in this folder. */
async function openUser(options: Omit<TestPortalOptions, "offers"> = {}) {
  const november = rawOffer({ id: "off_november", offerNumber: "2026-11", issuedAt: "2026-11-10" });
  const portal = await openTestPortal({ offers: [november, ...rawOffers(2)], ...options });
  const folder = await mkdtemp(join(tmpdir(), "offer-export-user-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const local = { INIT_CWD: folder, LOCAL_DIR: join(folder, "local") };
  return { portal, folder, local, own: { ...local, PORTAL_API_URL: portal.url, PORTAL_API_KEY: portalKey } };
}

/** Delays the first answer for so long that the command shows its progress. */
const delayFirst = async ({ n }: PortalRequest) => {
  if (n === 1) await setTimeout(6_000);
  return false;
};

/** Runs the program of `npm run export` without npm, and waits until the program ends. */
async function run(settings: Record<string, string>, ...flags: string[]) {
  const { child, ...launched } = await launchProgram("local/export.ts", settings, { flags });
  return { status: child.exitCode, ...launched };
}

describe("npm run export", () => {
  it("saves one export of the configured portal, and prints what is in it", async () => {
    const { folder, own, portal } = await openUser({ intercept: delayFirst });
    const out = join(folder, "offers.csv");
    await writeFile(out, "an earlier file");
    const flags = [
      "--out",
      "offers.csv",
      "--dialect",
      "machine",
      "--status=open,expired",
      "--as-of",
      "2026-11-12",
    ];
    const zoned = { ...own, REPORT_TIMEZONE: "Asia/Tokyo" };
    const { status, output, errors, find } = await run(zoned, ...flags, "--evidence");
    expect(status).toBe(0);
    expect(find("saved")).toMatch(
      /^offers\.csv \(replaced\), 3 of 3 offers, read at \d{4}-\d{2}-\d{2} \d{2}:\d{2} \(Asia\/Tokyo\)$/,
    );
    expect(find("completeness")).toBe("complete");
    expect(find("remark")).toMatch(/./);
    expect(errors()).toMatch(/^\d+ pages, \d+ offers so far/);
    expect(output()).not.toContain(portalKey);
    const [header = "", first = "", ...others] = (await readFile(out, "utf8")).split("\r\n");
    expect(header).toContain("acceptedViaIp");
    expect(first).toContain("2026-11");
    expect(others).toHaveLength(3);
    const repeated = await run(zoned, ...flags, "--evidence");
    expect(repeated.output()).toContain("this export has been made already");
    const again = await run(own, "--period", "2026-11");
    expect(again.find("saved")).toMatch(/^offertes-[\w-]+\.xlsx, 1 of 3 offers/);
    expect((await readdir(folder)).filter((name) => name.endsWith(".xlsx"))).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.includes(".part"))).toEqual([]);
    expect(countCrawls(portal)).toBeLessThan(3);
  });

  it("lets a running stack make the export, and says when that stack serves another portal", async () => {
    const { local, own } = await openUser();
    const running = await launchProgram("local/start.ts", own, { readyAt: "serving until Ctrl-C" });
    const { status, output, find } = await run(own, "--out", "offers.xlsx");
    expect(status).toBe(0);
    expect(output()).toContain("the stack that runs in the folder of LOCAL_DIR makes the export");
    expect(find("saved")).toMatch(/^offers\.xlsx, 3 of 3 offers/);
    for (const [settings, complaint] of [
      [local, "the stack that runs in the folder of LOCAL_DIR serves another portal. Nothing was exported"],
      [{ ...own, REPORT_TIMEZONE: "Asia/Tokyo" }, "NOT USED, because the stack that runs"],
    ] as const) {
      const refused = await run(settings);
      expect(refused.status).toBe(1);
      expect(refused.errors()).toMatch(/^[^\n]*LOCAL_DIR[^\n]*\n$/);
      expect(refused.errors()).toContain(complaint);
    }
    running.child.kill("SIGKILL");
    await once(running.child, "exit");
    const demo = await run(local);
    expect(demo.status).toBe(0);
    expect(demo.output()).toContain("PORTAL_API_URL is not set. demo portal: 347 invented offers");
  });

  it("goes on after Ctrl-C at the next run of the same command", async () => {
    const { portal, ...user } = await openUser({ limit: 2, windowMs: 2_000 });
    const own = { ...user.own, PORTAL_RATE_WINDOW_SECONDS: "2" };
    const launch = { flags: ["--out", "offers.csv"], readyAt: "exporting" };
    const { child, output } = await launchProgram("local/export.ts", own, launch);
    await eventually(() => expect(portal.requests).toHaveLength(2));
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(output()).toContain("the export goes on at the next run of the same command");
    expect((await run(own, "--out", "offers.csv")).find("saved")).toMatch(/^offers\.csv, 3 of 3 offers/);
    // A step that was cut off sends its requests again.
    expect(countCrawls(portal)).toBeLessThan(2);
  });

  it("stops at Ctrl-C with a line at once when the portal never answers", async () => {
    const hold = Promise.withResolvers<boolean>();
    onTestFinished(() => hold.resolve(false));
    const { portal, own } = await openUser({ intercept: () => hold.promise });
    const { child, output } = await launchProgram("local/export.ts", own, { readyAt: "exporting" });
    await eventually(() => expect(portal.requests).toHaveLength(1));
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(output()).toMatch(/\nfinishing what runs, [^\n]*\nthe export goes on at the next run[^\n]*\n$/);
    expect(portal.requests).toHaveLength(1);
  });

  it("ends at once at Ctrl-C when a running stack makes the export, and says that it goes on", async () => {
    const hold = Promise.withResolvers<boolean>();
    onTestFinished(() => hold.resolve(false));
    const { portal, own } = await openUser({ intercept: ({ n }) => n > 2 && hold.promise });
    await launchProgram("local/start.ts", own, { readyAt: "serving until Ctrl-C" });
    const { child, output } = await launchProgram("local/export.ts", own, { readyAt: "exporting" });
    await eventually(() => expect(portal.requests).toHaveLength(3));
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(output()).toContain("the running stack goes on with the export");
  });

  it("ends with the problem in one line, and leaves the file as it was", async () => {
    const { folder, own } = await openUser({
      intercept: (_request, response) => Boolean(response.writeHead(401).end()),
    });
    const out = join(folder, "offers.csv");
    await writeFile(out, "an earlier file");
    const { status, errors } = await run(own, "--out", "offers.csv");
    expect(status).toBe(1);
    expect(errors()).toMatch(
      /^the export failed: The portal does not accept the API key \(401\)\.[^\n]*\n$/m,
    );
    expect(await readFile(out, "utf8")).toBe("an earlier file");
    expect(await readdir(folder)).toEqual(["local", "offers.csv"]);
  });

  it("refuses what cannot work before it starts", async () => {
    const { folder, own, local } = await openUser();
    await mkdir(join(folder, "reports"));
    for (const [settings, flags, complaint] of [
      [own, ["--out", "reports"], "--out names a folder, not a file: reports"],
      [own, ["--period", "soon", "--status", "won"], "--status must be"],
      [own, ["--out", "offers.pdf"], "--out must end in .xlsx or .csv"],
      [{ ...local, PORTAL_API_KEY: portalKey }, [], "nothing was exported: PORTAL_API_KEY is set, but"],
      [{ ...local, PORTAL_KEY: portalKey }, [], "nothing was exported: there is no setting PORTAL_KEY"],
    ] as const) {
      const { status, errors, output } = await run(settings, ...flags);
      expect(status).toBe(1);
      expect(errors()).toMatch(/^[^\n]+\n$/);
      expect(output()).toContain(complaint);
    }
    expect(await readdir(folder)).toEqual(["reports"]);
  });
});
