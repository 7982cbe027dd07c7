import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
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

/**
 * Starts the stack with a portal that delays its answers, and requests an export. `asking` resolves to null when the
 * request gets no answer.
 */
async function startBusy() {
  const hold = Promise.withResolvers<boolean>();
  const portal = await openTestPortal({ offers: rawOffers(1), intercept: () => hold.promise });
  onTestFinished(() => hold.resolve(false));
  const started = await start({
    PORTAL_API_URL: portal.url,
    PORTAL_API_KEY: portalKey,
    ACCESS_TOKEN: ownToken,
  });
  const headers = { authorization: `Bearer ${ownToken}` };
  const asking = fetch(`${started.find("page")}export`, { headers }).catch(() => null);
  await eventually(() => expect(portal.requests).toHaveLength(1));
  return { ...started, hold, asking };
}

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

    const authorization = `Bearer ${find("access token")}`;
    const response = await fetch(`${find("page")}export`, { headers: { authorization } });
    expect(response.status).toBe(200);
    expect(find("curl")).toContain(authorization);

    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("uses another portal when it is set, runs no export by itself, and prints no setting's value", async () => {
    const portal = await openTestPortal({ offers: rawOffers(40) });
    const { find, output } = await start({
      PORTAL_API_URL: portal.url,
      PORTAL_API_KEY: portalKey,
      ACCESS_TOKEN: ownToken,
    });
    expect(portal.requests).toEqual([]);
    expect(output()).not.toContain(ownToken);
    expect(output()).not.toContain(portalKey);
    const response = await fetch(`${find("page")}export?format=csv`, {
      headers: { authorization: `Bearer ${ownToken}` },
    });
    expect(await response.json()).toMatchObject({ result: { offers: 40, rows: 40 } });
  });

  it("exports with the first of several access tokens, prints that any of them may be used, and ignores AWS's profile", async () => {
    const another = "another-token-that-somebody-set";
    const settings = { ACCESS_TOKEN: `${ownToken}, ${another}`, AWS_PROFILE: "nobody" };
    const { find, output } = await start(settings);
    expect(output()).toContain("exported 347 offers");
    expect(find("curl")).toContain("Bearer <one of ACCESS_TOKEN>");
    const headers = { authorization: `Bearer ${another}` };
    expect((await fetch(find("page"), { headers })).status).toBe(200);
  });

  it("lets a running export finish after Ctrl-C, also when npm passes the signal on again", async () => {
    const { child, hold, asking, output } = await startBusy();
    child.kill("SIGINT");
    await setTimeout(20);
    child.kill("SIGINT");
    await waitForOutput(child, () => output().includes("finishing the running export"));
    hold.resolve(false);
    expect((await asking)?.status).toBe(200);
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("stops at once at a second Ctrl-C", async () => {
    const { child, asking, output } = await startBusy();
    child.kill("SIGINT");
    await waitForOutput(child, () => output().includes("Ctrl-C again to stop at once"));
    await setTimeout(600);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(await asking).toBe(null);
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
    expect(third.output()).toContain("exported 347 offers");
  });

  it("lets minutes pass as seconds, and continues a killed export, also with a faster clock", async () => {
    const directory = await mkdtemp(join(tmpdir(), "offer-export-resumed-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const settings = { LOCAL_DIR: directory, ACCESS_TOKEN: ownToken };
    const flagsOf = (clock: string) => ["--clock", clock, "--offers", "12000"];
    let read = 0;
    for (const clock of ["60", "60"]) {
      const killed = await start(settings, { flags: flagsOf(clock), readyAt: "offers so far" });
      await waitForOutput(killed.child, () => countOffers(killed.output()) > read);
      read = countOffers(killed.output());
      killed.child.kill("SIGKILL");
      await once(killed.child, "exit");
    }
    const { find, output } = await start(settings, { flags: flagsOf("600") });
    expect(output()).toContain("exported 12000 offers");
    const headers = { authorization: `Bearer ${ownToken}` };
    const response = await fetch(`${find("page")}exports`, { headers });
    expect(await response.json()).toMatchObject({
      exports: [{ status: "succeeded", result: { offers: 12_000 } }],
    });
  });

  it("names PORT when another program uses the port", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const { port } = new URL(await listen(taken, 0));
    const { child, output } = await start({ PORT: port });
    expect(child.exitCode).toBe(1);
    expect(output().trimEnd().split("\n")).toEqual([expect.stringContaining("the setting PORT ")]);
  });

  it("stops with one line when a setting is malformed", async () => {
    const { child, output } = await start({ PORT: "eighty" });
    expect(child.exitCode).toBe(1);
    expect(output().trimEnd().split("\n")).toEqual([expect.stringContaining("the setting PORT ")]);
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
    [{ REPORT_TIMEZONE: "Europe/Atlantis" }, "REPORT_TIMEZONE"],
    [{ LINK_SECONDS: "soon" }, "LINK_SECONDS"],
    [{ ACCESS_TOKEN: "short" }, "ACCESS_TOKEN"],
    [{ SCHEDULES: "[{}]" }, "SCHEDULES"],
    [{ WEBHOOKS: "https://hooks.example/" }, "WEBHOOK_SECRET"],
    [{ WEBHOOKS: "http://hooks.example/", WEBHOOK_SECRET: `whsec_${"A".repeat(40)}` }, "WEBHOOKS"],
  ])("names the setting that stops it, in one line: %j", async (settings, name) => {
    const directory = await mkdtemp(join(tmpdir(), "offer-export-refused-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const env = { PORT: "0", LOCAL_DIR: directory, ...settings };
    const starting = (async () => await startStack(readSettings(env), env))();
    await expect(starting).rejects.toThrow(new RegExp(`^the setting ${name} .*$`));
  });
});
