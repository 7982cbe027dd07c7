import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { listen } from "../../local/loopback-server.ts";
import { readSettings } from "../../local/stack-settings.ts";
import { startStack } from "../../local/stack.ts";
import { type LaunchOptions, launchProgram, waitForOutput } from "../support/launch-program.ts";
import { rawOffers } from "../support/offer-fixtures.ts";
import { openTestPortal, portalKey } from "../support/test-portal.ts";
import { openProxy } from "../support/unreliable-servers.ts";
import { openTestBucket } from "../support/test-stack.ts";
import { eventually } from "../support/captured-output.ts";

const ownToken = "a-token-that-somebody-set";

const start = (settings: Record<string, string>, launch?: LaunchOptions) =>
  launchProgram("local/start.ts", settings, { readyAt: "serving until Ctrl-C", ...launch });

/** The requests of the setup check at the start of a stack with another portal. */
const checkRequests = 2;

/**
 * Starts the stack with a portal that delays its answers, and requests an export. `asking` resolves to null when the
 * request gets no answer.
 */
async function startBusy() {
  const hold = Promise.withResolvers<boolean>();
  const portal = await openTestPortal({
    offers: rawOffers(1),
    intercept: ({ n }) => n > checkRequests && hold.promise,
  });
  onTestFinished(() => hold.resolve(false));
  const started = await start({
    PORTAL_API_URL: portal.url,
    PORTAL_API_KEY: portalKey,
    ACCESS_TOKEN: ownToken,
  });
  const headers = { authorization: `Bearer ${ownToken}` };
  const asking = fetch(`${started.find("page")}export`, { headers }).catch(() => null);
  await eventually(() => expect(portal.requests).toHaveLength(checkRequests + 1));
  return { ...started, portal, hold, asking };
}

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "offer-export-folder-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const Listed = z.object({ exports: z.array(z.object({ status: z.string() })) });

/** Returns the number of offers that a running export has read, as the program prints it last. */
const countOffers = (output: string) => Number([...output.matchAll(/(\d+) offers so far/g)].at(-1)?.[1]);

/** Refuses requests that use a signed link, and passes all other requests on. */
const refuseLinks = ({ url = "" }: Pick<IncomingMessage, "url">) =>
  url.includes("X-Amz-Signature") ? "refuse" : "pass";

describe("npm start", () => {
  it("exports the demo portal into a spreadsheet, links to it, and serves until it is interrupted", async () => {
    const { child, find, output } = await start({});
    const saved = await readFile(find("spreadsheet"));
    const linked = Buffer.from(await (await fetch(find("link"))).arrayBuffer());
    expect(linked.equals(saved)).toBe(true);
    const page = await fetch(find("page"), { headers: { accept: "text/html" } });
    const [script = ""] = /\/assets\/main-\w+\.js/.exec(await page.text()) ?? [];
    expect((await fetch(new URL(script, find("page")))).headers.get("content-type")).toMatch(
      "text/javascript",
    );
    expect(output()).toContain("exported 347 offers");
    expect(find("demo portal")).toMatch(/^347 invented offers, made on \d{4}-\d{2}-\d{2}$/);

    const authorization = `Bearer ${find("access token")}`;
    const response = await fetch(`${find("page")}export`, { headers: { authorization } });
    expect(response.status).toBe(200);
    expect(find("curl")).toContain(authorization);

    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(output()).toMatch(/\nstopping\n$/);
  });

  it("uses another portal when it is set, runs no export by itself, and prints no setting's value", async () => {
    const portal = await openTestPortal({ offers: rawOffers(40), scopes: ["offers.read"] });
    const { find, output } = await start({
      PORTAL_API_URL: portal.url,
      PORTAL_API_KEY: portalKey,
      ACCESS_TOKEN: ownToken,
    });
    expect(portal.requests).toHaveLength(checkRequests);
    expect(find("setup check")).toMatch(/^customers warning\. .*customers\.read.*\.$/);
    expect(output()).not.toContain(ownToken);
    expect(output()).not.toContain(portalKey);
    const response = await fetch(`${find("page")}export?format=csv`, {
      headers: { authorization: `Bearer ${ownToken}` },
    });
    expect(await response.json()).toMatchObject({ result: { offers: 40, rows: 40 } });
  });

  it("prints in one line that another portal refuses the key and what to do, and serves anyway", async () => {
    const portal = await openTestPortal({});
    const { find, findAll } = await start({ PORTAL_API_URL: portal.url, PORTAL_API_KEY: "another-key" });
    expect(findAll("setup check")).toEqual([
      expect.stringMatching(
        /^key failed\. The portal does not accept the API key \(401\)\. .*PORTAL_API_KEY/,
      ),
    ]);
    const headers = { accept: "text/html" };
    expect((await fetch(find("page"), { headers })).status).toBe(200);
  });

  it("exports with the first of several access tokens, prints that any may be used, and names unused settings", async () => {
    const another = "another-token-that-somebody-set";
    const unused = { PORTAL_API_KEY: portalKey, PORTAL_APIURL: "https://portal.example" };
    const settings = { ACCESS_TOKEN: `${ownToken}, ${another}`, AWS_PROFILE: "nobody", ...unused };
    const { find, findAll, output } = await start(settings);
    expect(findAll("NOT USED")).toEqual([
      expect.stringContaining("the setting PORTAL_API_KEY. PORTAL_API_URL is not set"),
      expect.stringContaining("there is no setting PORTAL_APIURL; is PORTAL_API_URL meant?"),
    ]);
    expect(output()).not.toContain(portalKey);
    expect(output()).toContain("exported 347 offers");
    expect(find("curl")).toContain("Bearer <one of ACCESS_TOKEN>");
    const headers = { authorization: `Bearer ${another}` };
    expect((await fetch(find("page"), { headers })).status).toBe(200);
  });

  it("lets a running step finish after Ctrl-C, also when npm passes the signal on again", async () => {
    const { child, find, hold, asking, output } = await startBusy();
    expect(find("setup check")).toBe("all is well");
    child.kill("SIGINT");
    await setTimeout(20);
    child.kill("SIGINT");
    await waitForOutput(child, () => output().includes("finishing what runs"));
    hold.resolve(false);
    expect((await asking)?.status).toBe(200);
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says at Ctrl-C that it stops, and does not wait for a step that only waits", async () => {
    const { child, portal, output } = await startBusy();
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(output()).toMatch(/^finishing what runs, for at most 3 seconds; Ctrl-C again to stop at once$/m);
    expect(output()).toContain("an unfinished export goes on at the next npm start");
    expect(portal.requests).toHaveLength(checkRequests + 1);
  });

  it("stops at once at a second Ctrl-C", async () => {
    const { child, asking, output } = await startBusy();
    child.kill("SIGINT");
    await waitForOutput(child, () => output().includes("Ctrl-C again to stop at once"));
    await setTimeout(600);
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(await asking).toBe(null);
    expect(output()).toContain("an unfinished export goes on at the next npm start");
  });

  it("saves nothing when the link does not give the file", async () => {
    const place = await openTestBucket();
    const { child, output } = await start({
      S3_ENDPOINT: await openProxy(place.endpoint ?? "", refuseLinks),
      AWS_ACCESS_KEY_ID: place.credentials?.accessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: place.credentials?.secretAccessKey ?? "",
      REPORT_BUCKET: place.name,
    });
    expect(child.exitCode).toBe(1);
    expect(output()).toContain("the file's link answered 503");
    expect(output()).not.toContain("spreadsheet:");
  });

  it("does not use a folder of another running stack, and takes over the folder of a dead one", async () => {
    const first = await start({});
    const LOCAL_DIR = dirname(first.find("spreadsheet"));
    const second = await start({ LOCAL_DIR });
    expect(second.child.exitCode).toBe(1);
    expect(second.output().trimEnd().split("\n")).toEqual([
      expect.stringContaining("the setting LOCAL_DIR "),
    ]);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const third = await start({ LOCAL_DIR });
    expect(third.output()).toMatch(
      /^reused the recent export of 347 offers, read at [\d-]+ [\d:]+ \(Europe\/Amsterdam\) /m,
    );
    expect(third.output()).not.toContain("exporting");
  });

  it("lets minutes pass as seconds, and continues a stopped export, also with another clock", async () => {
    const directory = await makeDirectory();
    const settings = { LOCAL_DIR: directory, ACCESS_TOKEN: ownToken };
    const flagsOf = (clock: string) => ["--clock", clock, "--offers", "12000"];
    let read = 0;
    for (const [clock, signal] of [
      ["60", "SIGKILL"],
      ["30", "SIGINT"],
    ] as const) {
      const stopped = await start(settings, { flags: flagsOf(clock), readyAt: "offers so far" });
      await waitForOutput(stopped.child, () => countOffers(stopped.output()) > read);
      read = countOffers(stopped.output());
      stopped.child.kill(signal);
      await once(stopped.child, "close");
      const isTold = stopped.output().includes("an unfinished export goes on at the next npm start");
      expect(isTold).toBe(signal === "SIGINT");
    }
    const { find, output } = await start(settings, { flags: ["--clock", "600"] });
    expect(output()).toContain("continuing an earlier export of the demo portal's offers");
    expect(output()).toContain("exported 12000 offers");
    const headers = { authorization: `Bearer ${ownToken}` };
    const response = await fetch(`${find("page")}exports`, { headers });
    expect(await response.json()).toMatchObject({
      exports: [{ status: "succeeded", result: { offers: 12_000 } }],
    });
  });

  it("serves the stored demo portal, says which, and starts anew for another number of offers", async () => {
    const LOCAL_DIR = await makeDirectory();
    const own = join(LOCAL_DIR, "s3/of-another-portal");
    await mkdir(join(LOCAL_DIR, "s3"));
    await writeFile(own, "");
    for (const [flags, exported, notice] of [
      [["--offers", "20"], "exported 20", "demo portal: 20 invented offers"],
      [[], "recent export of 20", "demo portal: 20 invented offers"],
      [
        ["--offers", "30"],
        "exported 30",
        "the demo portal starts anew, and removes the exports of its 20 offers: 30",
      ],
    ] as const) {
      const { child, output } = await start({ LOCAL_DIR }, { flags: [...flags] });
      expect(output()).toContain(notice);
      expect(output()).toContain(`${exported} offers`);
      child.kill("SIGINT");
      await once(child, "exit");
    }
    expect(await readFile(own, "utf8")).toBe("");
  });

  it("stops with one line when the disk is full, and finishes the export once there is space", async ({
    skip,
  }) => {
    const directory = await makeDirectory();
    const mount = (...options: string[]) => spawnSync("mount", [...options, directory]).status === 0;
    if (!mount("-t", "tmpfs", "-o", "size=640k", "tmpfs"))
      return skip("this machine cannot mount a small disk");
    onTestFinished(() => void spawnSync("umount", ["--lazy", directory]));
    const settings = { LOCAL_DIR: directory, ACCESS_TOKEN: ownToken };
    const full = await start(settings, { flags: ["--clock", "1000", "--offers", "3000"] });
    expect(full.child.exitCode).toBe(1);
    expect(full.errors()).toMatch(/^the setting LOCAL_DIR [^\n]* the disk is full: free some space[^\n]*\n$/);
    expect(mount("-o", "remount,size=64m")).toBe(true);
    const { find, output } = await start(settings);
    expect(output()).toContain("exported 3000 offers");
    const headers = { authorization: `Bearer ${ownToken}` };
    const { exports } = Listed.parse(await (await fetch(`${find("page")}exports`, { headers })).json());
    expect(exports).toEqual([{ status: "succeeded" }]);
  });

  it("names PORT when another program uses the port, after all settings that are wrong", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const { port } = new URL(await listen(taken, 0));
    const { child, output } = await start({ PORT: port });
    expect(child.exitCode).toBe(1);
    const malformed = await start({ PORT: port, WEBHOOKS: "https://hooks.example/", LINK_SECONDS: "soon" });
    expect(malformed.errors()).toMatch(
      /^the setting LINK_SECONDS [^\n]*; the setting WEBHOOK_SECRET [^\n]*\n$/,
    );
    expect(output()).toMatch(new RegExp(`^port ${port} is in use: let the setting PORT name another.*\n$`));
  });

  it("stops with one line when a setting is malformed", async () => {
    const { child, output } = await start({ PORT: "eighty" });
    expect(child.exitCode).toBe(1);
    expect(output().trimEnd().split("\n")).toEqual([expect.stringContaining("the setting PORT ")]);
  });

  it.runIf(process.platform === "linux")("stops with one line when its folder cannot be made", async () => {
    const { child, output } = await start({ LOCAL_DIR: "/proc/nowhere" });
    expect(child.exitCode).toBe(1);
    expect(output()).toBe("the setting LOCAL_DIR names no folder that can be written\n");
  });
});

describe("a command's --help", () => {
  it("names the options of each command", async () => {
    const named = {
      "local/start.ts": "--clock <1-1000>",
      "local/schedule.ts": "--at <YYYY-MM-DDTHH:MM>",
      "local/export.ts": "--period <text>",
      "local/portal-webhooks.ts": "register|remove",
      "local/bench/main.ts": "converting",
      "local/bench/simulate.ts": "--histories <number>",
    };
    for (const [program, option] of Object.entries(named)) {
      const { child, errors, output } = await launchProgram(program, {}, { flags: ["--help"] });
      expect({ program, status: child.exitCode, errors: errors() }).toEqual({
        program,
        status: 0,
        errors: "",
      });
      expect(output()).toContain(option);
    }
  });
});

describe("the stack of npm start", () => {
  it.each([
    [{ PORT: "1e3" }, "PORT"],
    [{ LOCAL_DIR: "package.json" }, "LOCAL_DIR"],
    [{ SNAPSHOT_DAYS: "soon" }, "SNAPSHOT_DAYS"],
    [{ FILE_DAYS: "0" }, "FILE_DAYS"],
    [{ S3_ENDPOINT: "http://127.0.0.1:9" }, "AWS_ACCESS_KEY_ID"],
    [{ PORTAL_API_URL: "http://127.0.0.1:9/v1" }, "PORTAL_API_KEY"],
    [{ PORTAL_API_URL: "portal", PORTAL_API_KEY: "key" }, "PORTAL_API_URL"],
    [{ PORTAL_API_URL: "http://portal.example", PORTAL_API_KEY: "key" }, "PORTAL_API_URL"],
    [{ REPORT_TIMEZONE: "Europe/Atlantis" }, "REPORT_TIMEZONE"],
    [{ LINK_SECONDS: "soon" }, "LINK_SECONDS"],
    [{ ACCESS_TOKEN: "short" }, "ACCESS_TOKEN"],
    [{ SCHEDULES: "[{}]" }, "SCHEDULES"],
    [{ WEBHOOKS: "https://hooks.example/" }, "WEBHOOK_SECRET"],
    [{ WEBHOOKS: "http://hooks.example/", WEBHOOK_SECRET: `whsec_${"A".repeat(40)}` }, "WEBHOOKS"],
  ])("names the setting that stops it, in one line: %j", async (settings, name) => {
    const directory = await makeDirectory();
    const env = { PORT: "0", LOCAL_DIR: directory, ...settings };
    const starting = (async () => await startStack(readSettings(env), env))();
    await expect(starting).rejects.toThrow(new RegExp(`^the setting ${name} .*$`));
    expect(await readdir(directory)).toEqual([]);
  });
});
