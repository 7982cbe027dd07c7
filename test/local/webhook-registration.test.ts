import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  portalWebhookTypes,
  parsePortalWebhookSecrets,
} from "../../functions/core/portal-webhooks/portal-webhook.ts";
import type { Scope } from "../../local/portal/portal-store.ts";
import type { PortalOptions } from "../../local/portal/portal-server.ts";
import { markSecret } from "../support/written-output.ts";
import { runPortalCommand } from "../../local/portal-command.ts";
import { openVirtualPortal } from "../support/virtual-stack.ts";
import { launchProgram } from "../support/launch-program.ts";
import { openTestPortal, portalKey } from "../support/test-portal.ts";

const address = "https://exports.example/";

type Shop = { scopes?: readonly Scope[]; intercept?: PortalOptions["intercept"] };

async function openShop({ scopes = ["webhooks.read", "webhooks.write"], intercept }: Shop = {}) {
  const portal = await openVirtualPortal({ scopes, pageSize: 3, ...(intercept && { intercept }) });
  const directory = await mkdtemp(join(tmpdir(), "offer-export-notice-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const settings = { PORTAL_API_URL: `${portal.url}/`, PORTAL_API_KEY: portalKey, LOCAL_DIR: directory };
  const run = async (...flags: string[]) => {
    const lines: string[] = [];
    const command = runPortalCommand(flags, { env: settings, print: (line) => void lines.push(line) });
    const status = await command.then(
      () => 0,
      (error: Error) => (lines.push(error.message), 1),
    );
    portal.webhooks.forEach(({ secret }) => markSecret(secret));
    return { status, output: lines.map((line) => `${line}\n`).join("") };
  };
  const path = join(directory, "portal-webhook-secrets");
  const readSecrets = async () => parsePortalWebhookSecrets(await readFile(path, "utf8"));
  return { portal, run, path, readSecrets };
}

it("npm run portal is a program", async () => {
  const portal = await openTestPortal({ scopes: ["webhooks.read", "webhooks.write"] });
  const settings = { PORTAL_API_URL: portal.url, PORTAL_API_KEY: portalKey };
  const run = async (...flags: string[]) => {
    const { child, output } = await launchProgram("local/portal-webhooks.ts", settings, { flags });
    portal.webhooks.forEach(({ secret }) => markSecret(secret));
    return { status: child.exitCode, output: output() };
  };
  expect(await run("register", address)).toEqual({
    status: 0,
    output: expect.stringContaining(portalWebhookTypes.join(", ")),
  });
  expect(portal.webhooks).toHaveLength(4);
  expect(await run("register")).toEqual({ status: 1, output: expect.stringContaining("give the address") });
});

const urlOf = (type: string) => `${address}portal/${type}`;

describe("npm run portal -- register", () => {
  it("registers each type of webhook once, and saves the setting for its user alone", async () => {
    const { portal, run, path, readSecrets } = await openShop();
    await writeFile(path, "of an earlier time");
    await chmod(path, 0o644);
    const first = await run("register", address);
    expect(first).toMatchObject({
      status: 0,
      output: expect.stringContaining(portalWebhookTypes.join(", ")),
    });
    expect(first.output).toContain(`npx sst secret set PortalWebhookSecrets --stage production < ${path}`);
    expect(portal.webhooks.map(({ type, url }) => [type, url])).toEqual(
      portalWebhookTypes.map((type) => [type, urlOf(type)]),
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const secrets = new Map(portal.webhooks.map(({ type, secret }) => [type, [secret]]));
    expect(await readSecrets()).toEqual(secrets);

    await rm(path);
    expect((await run("register", address.slice(0, -1))).output).toContain("all are registered already");
    expect(portal.webhooks).toHaveLength(4);
    expect(await readSecrets()).toEqual(secrets);
  });

  it("registers what is missing, and leaves other addresses alone", async () => {
    const { portal, run, readSecrets } = await openShop();
    await run("register", "https://other.example/");
    await run("register", address);
    const [, deleted] = portal.webhooks.filter(({ url }) => url.startsWith(address));
    await fetch(`${portal.url}/webhooks/${deleted?.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${portalKey}` },
    });
    expect((await run("register", address)).output).toContain("registered: offer-deleted\n");
    expect(portal.webhooks).toHaveLength(8);
    const ours = portal.webhooks.filter(({ url }) => url.startsWith(address));
    expect([...((await readSecrets()) ?? [])].flatMap(([, secrets]) => secrets).toSorted()).toEqual(
      ours.map(({ secret }) => secret).toSorted(),
    );
  });

  it("prints no secret and not the key", async () => {
    const { portal, run } = await openShop();
    const { output } = await run("register", address);
    for (const secret of [portalKey, ...portal.webhooks.map((hook) => hook.secret)])
      expect(output).not.toContain(secret);
  });

  it.each([
    { flags: [], message: "npm run portal -- register <address>" },
    { flags: ["rename", address], message: "npm run portal -- register <address>" },
    { flags: ["register"], message: "give the address of the deployment" },
    { flags: ["register", "exports.example"], message: "give the address of the deployment" },
    { flags: ["register", `${address}?x=1`], message: "give the address of the deployment" },
  ])("prints its usage for wrong arguments: $flags", async ({ flags, message }) => {
    const { portal, run } = await openShop();
    expect(await run(...flags)).toEqual({ status: 1, output: expect.stringContaining(message) });
    expect(portal.requests).toEqual([]);
  });

  const forbid = (method: string, after = 0): PortalOptions["intercept"] => {
    let count = 0;
    return (request, response) => {
      if (request.method !== method) return false;
      count += 1;
      return count > after && Boolean(response.writeHead(403).end("{}"));
    };
  };

  it.each<Shop & { scope: string; method: string }>([
    { scopes: ["offers.read"], scope: "webhooks.read", method: "GET" },
    { intercept: forbid("GET"), scope: "webhooks.read", method: "GET" },
    { scopes: ["webhooks.read"], scope: "webhooks.write", method: "POST" },
    { intercept: forbid("POST"), scope: "webhooks.write", method: "POST" },
  ])("says which scope the key lacks: $scope", async ({ scope, method, ...shop }) => {
    const { portal, run } = await openShop(shop);
    const { status, output } = await run("register", address);
    expect(status).toBe(1);
    expect(output).toContain(`${method} /webhooks`);
    expect(output).toContain(`lacks the scope ${scope}, it needs webhooks.read and webhooks.write`);
    expect(output).toContain("nothing was registered");
    expect(portal.webhooks).toEqual([]);
  });

  it.each([
    [
      "the default address",
      {},
      "the portal at https://api.mijnklantportaal.nl/v1 (PORTAL_API_URL is not set",
    ],
    [
      "the set address",
      { PORTAL_API_URL: "https://p.example/v1/" },
      "the portal at https://p.example/v1 does not",
    ],
  ])("names %s when the portal does not answer", async (_name, env, message) => {
    await openShop();
    const settings = { ...env, PORTAL_API_KEY: portalKey };
    const command = runPortalCommand(["register", address], { env: settings, print: () => undefined });
    await expect(command).rejects.toThrow(message);
  });

  it.each([1, 2, 3])(
    "lists the registered webhooks when it fails after %i, and continues from there",
    async (n) => {
      let isAway = true;
      const refuse = forbid("POST", n);
      const { portal, run, path, readSecrets } = await openShop({
        intercept: (request, response) => isAway && (refuse?.(request, response) ?? false),
      });
      const { status, output } = await run("register", address);
      expect(status).toBe(1);
      expect(output).toContain(`registered before that: ${portalWebhookTypes.slice(0, n).join(", ")};`);
      expect(portal.webhooks).toHaveLength(n);
      await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
      isAway = false;
      expect((await run("register", address)).output).toContain(
        `registered: ${portalWebhookTypes.slice(n).join(", ")}\n`,
      );
      expect((await readSecrets())?.size).toBe(portalWebhookTypes.length);
    },
  );
});

describe("npm run portal -- remove", () => {
  it("removes the webhooks of the address, and finds none the second time", async () => {
    const { portal, run } = await openShop();
    await run("register", "https://other.example/");
    await run("register", address);
    expect(await run("remove", address)).toEqual({
      status: 0,
      output: `removed: ${portalWebhookTypes.join(", ")}\n`,
    });
    expect(portal.webhooks).toHaveLength(4);
    expect(await run("remove", address)).toEqual({ status: 0, output: "none is registered there\n" });
  });

  it("says which scope the key lacks", async () => {
    const { run } = await openShop({
      intercept: ({ method }, response) => method === "DELETE" && Boolean(response.writeHead(403).end("{}")),
    });
    await run("register", address);
    const { output } = await run("remove", address);
    expect(output).toContain("remove them there");
    expect(output).toContain("lacks the scope webhooks.write");
  });

  it("lists the webhooks that the portal keeps", async () => {
    const { portal, run } = await openShop({
      intercept: ({ method, n }, response) =>
        method === "DELETE" && n > 8 && Boolean(response.writeHead(405).end("{}")),
    });
    await run("register", address);
    const { status, output } = await run("remove", address);
    expect(status).toBe(1);
    expect(portal.webhooks.length).toBeGreaterThan(0);
    for (const { id, type } of portal.webhooks) expect(output).toContain(`${type} (${id})`);
    expect(output).toContain("remove them there");
  });
});
