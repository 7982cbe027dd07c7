import { execFile, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { describeExportEvent } from "../../functions/core/delivery/webhook-event.ts";
import { secretSettings } from "../../functions/adapters/settings/secret-settings.ts";
import { isWebhookSecret } from "../../functions/core/delivery/public-address.ts";
import { readSchedules } from "../../functions/core/schedule/schedules.ts";
import { postWebhook } from "../../functions/adapters/webhook/webhook-client.ts";
import { documents, listCommands, readDocument } from "../support/documents.ts";
import { makeSucceededExport, makeWebhookSecret } from "../support/webhook-fixtures.ts";
import { openTestPortal } from "../support/test-portal.ts";
import { openWebhookReceiver, resolveTo } from "../support/webhook-receiver.ts";
import { accessToken, openTestStack, type TestStack } from "../support/test-stack.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const deployPage = readDocument("docs/deploy.md");
const automatePage = readDocument("docs/automate.md");
const commands = [...new Set(documents.flatMap((path) => listCommands(readDocument(path))))];
/** The commands of npm and SST that stand in a sentence or in a table. */
const inline = documents.flatMap((path) =>
  [...readDocument(path).matchAll(/`([^`\n]*\b(?:npm|npx sst) [^`\n]+)`/g)].map(
    ([, command = ""]) => command,
  ),
);

function pick(pattern: RegExp): string[] {
  return [...new Set([...commands, ...inline].flatMap((command) => pattern.exec(command)?.[1] ?? []))];
}

const Package = z.object({ scripts: z.record(z.string(), z.string()) });
const Made = z.object({ id: z.string() });

/** Returns the help text of a command of SST. */
function tellUsage(command: string): string {
  const env = { ...process.env, DO_NOT_TRACK: "1", SST_NO_BUN: "1", SST_SKIP_DEPENDENCY_CHECK: "1" };
  const sst = join(root, "node_modules/.bin/sst");
  // Ignores the exit code, because SST exits with 1 even when it prints the help text.
  const { stdout, stderr } = spawnSync(sst, [...command.split(" "), "--help"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return stdout + stderr;
}

describe("a command in a document", () => {
  it.each(pick(/\bnpx sst (.*)$/))("is one of SST's: %s", (line) => {
    const [command = ""] = /^(?:(?:secret|telemetry) )?\w+/.exec(line) ?? [];
    const usage = tellUsage(command);
    expect(usage).toContain(`Usage: sst ${command}`);
    for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(usage).toContain(`  ${flag} `);
  });

  // SST reports its arguments to its makers.
  it.each(pick(/\bnpx sst (secret set .*)$/))("passes no secret as an argument: %s", (line) => {
    expect(line).toMatch(/^secret set [A-Z]\w+ --stage \w+( < \S+)?$/);
  });

  it.each(pick(/^node -p ('.*' \| npx sst secret set \w+)/))(
    "makes a secret of the right form: %s",
    (line) => {
      const [, code = "", name = ""] = /^'(.*)' \| npx sst secret set (\w+)$/.exec(line) ?? [];
      const secret = spawnSync(process.execPath, ["-p", code], { encoding: "utf8" }).stdout.trim();
      const isToken = secretSettings.ACCESS_TOKEN.read(secret)?.join() === secret;
      expect(name === "WebhookSecret" ? isWebhookSecret(secret) : isToken).toBe(true);
    },
  );

  it.each(pick(/\bnpm (.*)$/))("is one of npm's or of package.json: %s", async (line) => {
    const { scripts } = Package.parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
    const [, script] = /^(?:run )?([\w:]+)/.exec(line) ?? [];
    expect(["ci", ...Object.keys(scripts)]).toContain(script);
    const flags = (/ -- (.*)$/.exec(line)?.[1] ?? "").match(/(?<!\S)--[\w-]+/g) ?? [];
    const [, program = ""] = /^node .*?(\S+\.ts)$/.exec(scripts[script ?? ""] ?? "") ?? [];
    const usage =
      flags.length === 0 ? "" : (await run(process.execPath, [program, "--help"], { cwd: root })).stdout;
    expect(flags.filter((flag) => !usage.includes(`  ${flag} `) && !usage.includes(`  ${flag}\n`))).toEqual(
      [],
    );
  });

  it.each(pick(/^(curl .*)$/s))("does what it says on a stack: %s", async (command) => {
    const stack = await openTestStack(await openTestPortal({}));
    const directory = await mkdtemp(join(tmpdir(), "documents-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    await runCurl(stack, command, directory);
    const files = await readdir(directory);
    expect(files.map((name) => extname(name))).toEqual(/ -(o|OJ) /.test(command) ? [".xlsx"] : []);
    for (const file of files)
      expect((await readFile(join(directory, file))).subarray(0, 2).toString()).toBe("PK");
  });

  it("sets valid schedules", () => {
    const [text = ""] = pick(/\bSCHEDULES='(.*?)'/s);
    expect(readSchedules({ SCHEDULES: text })).toHaveLength(2);
  });

  it.each(pick(/\bnpx vitest run (.*)$/))("runs a test that there is: %s", (line) => {
    const [, project, path = "", title = ""] = /^--project (\w+) (\S+)(?: -t "(.*)")?$/.exec(line) ?? [];
    expect(["quick", "simulation", "slow", "browser"]).toContain(project);
    expect(existsSync(join(root, path))).toBe(true);
    expect(readDocument(path)).toContain(title);
  });

  it("is of a kind that these tests check, or one of git and AWS", () => {
    const known =
      /^(([A-Z_]+=('[^']*'|\S*)\s+(\\\n\s+)?)*(npx sst|npm)|npx vitest|node -p '.*' \| npx sst|curl|git|aws s3|export AWS_REGION=) ?/;
    expect(commands.filter((command) => !known.test(command))).toEqual([]);
  });
});

describe("what docs/deploy.md says of SST", () => {
  it("is in SST's program: where it downloads from, where its telemetry goes, and what switches that off", async () => {
    const [path = ""] = globSync("node_modules/sst-*/bin/sst*", { cwd: root });
    const program = await readFile(join(root, path));
    const names = ["github.com", "get.pulumi.com", "registry.npmjs.org", "telemetry.ion.sst.dev"];
    for (const name of [...names, "DO_NOT_TRACK", "SST_TELEMETRY_DISABLED", "sst-state", "sst-asset"]) {
      expect(deployPage).toContain(name);
      expect({ name, isThere: program.includes(name) }).toEqual({ name, isThere: true });
    }
    expect(tellUsage("telemetry disable")).toContain("Usage: sst telemetry disable");
  });
});

describe("the code in docs/automate.md", () => {
  it("distinguishes a genuine webhook from a forged one", async () => {
    const directory = await mkdtemp(join(tmpdir(), "documents-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "genuine.mjs");
    await writeFile(path, /^```js\n(.*?)^```$/ms.exec(automatePage)?.[1] ?? "");
    const { isGenuine } = Genuine.parse(await import(path));
    const [secret, other] = [makeWebhookSecret(), makeWebhookSecret()];
    const { headers, body } = await receiveEvent([other, secret]);
    for (const known of [secret, other]) expect(isGenuine(known, headers, body)).toBe(true);
    expect(isGenuine(makeWebhookSecret(), headers, body)).toBe(false);
    expect(isGenuine(secret, headers, `${body} `)).toBe(false);
    expect(isGenuine(secret, { ...headers, "webhook-id": "another" }, body)).toBe(false);
    const late = await receiveEvent([secret], () => Date.now() - 600_000);
    expect(isGenuine(secret, late.headers, late.body)).toBe(false);
  });
});

const Genuine = z.object({
  isGenuine: z.custom<(secret: string, headers: object, body: string) => boolean>(),
});

/** Sends a webhook at the time `now`. Returns the request that the receiver got. */
async function receiveEvent(secrets: string[], now = Date.now) {
  const { url, ca, received } = await openWebhookReceiver((_request, response) =>
    response.writeHead(204).end(),
  );
  const sending = { secrets, now, ca, allowLoopback: true, resolve: resolveTo("127.0.0.1") };
  await postWebhook({ id: "0123456789ab", url }, describeExportEvent(makeSucceededExport()), sending);
  const [request = expect.fail("nothing came")] = received;
  return request;
}

/** Runs the curl command with its placeholders filled in. Throws when the API answers with an error. */
async function runCurl(stack: TestStack, command: string, directory: string): Promise<void> {
  const { id } = Made.parse(await (await stack.ask("export")).json());
  const filled = command
    .replaceAll("<url>", stack.url)
    .replaceAll("<access token>", accessToken)
    .replaceAll("<id>", id)
    .replace(/^curl/, "curl --silent --show-error --fail-with-body");
  await run("bash", ["-c", filled], { cwd: directory });
}
