import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { findSecrets } from "./secret-search.ts";

const root = resolve(import.meta.dirname, "../..");

/** Runs vitest with a test that passes. The test writes a secret in each of these ways. */
async function runLeak(...ways: string[]) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const config = join(import.meta.dirname, "../fixtures/leak/vitest.config.ts");
  const child = spawn(process.execPath, [vitest, "run", "--config", config], {
    cwd: root,
    env: { PATH: process.env["PATH"], LEAK: ways.join(",") },
  });
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, output: stdout + stderr };
}

describe("the search of a test run's output", () => {
  it("fails the run, and finds a marked secret in whatever way it is written", async () => {
    const ways = ["line", "console", "child", "environment", "personal", "captured"];
    const { code, output } = await runLeak(...ways);
    expect(output.match(/a marked secret: /g)).toHaveLength(ways.length);
    expect(output).toMatch(/Tests +.*1 passed/);
    expect(code).not.toBe(0);
  });

  it("fails the run for text that looks like a secret, and does not repeat it", async () => {
    const { code, output } = await runLeak("link");
    expect(output).toContain("a signed link: ");
    expect(output).not.toContain("X-Amz-Signature");
    expect(code).not.toBe(0);
  });

  it("passes a run that leaks nowhere but to the person at the terminal", async () => {
    const { code, output } = await runLeak("nowhere", "person");
    expect(output).toMatch(/searched \d+ lines of output for \d+ secrets: none found/);
    expect(code).toBe(0);
  });

  it.each([
    ["a signed link", "https://b.s3.test/f?X-Amz-Signature=00"],
    ["a signed link", "X-Amz-Credential=AKID"],
    ["an access token", "authorization: Bearer abcdefghijkl"],
    ["a permanent link", "GET /s/3q2-7w_AAAAAAAAAAAAAAA"],
    ["a mail address", "to jan.jansen@example.nl"],
    ["an IP address", '"203.0.113.77"'],
    ["a user agent", "Mozilla/5.0 (X11)"],
    ["a marked secret", "of Bakkerij Jansen"],
  ])("knows %s in: %s", (kind, line) => {
    expect(findSecrets(`before\n${line}\nafter`, ["Bakkerij Jansen"]).map((leak) => leak.kind)).toEqual([
      kind,
    ]);
  });

  it("ignores the source code that Node prints for an uncaught error, and no other code", () => {
    const code = "let o=e=>N@k.map(e)";
    const shown = ["file:///var/task/bundle.mjs:1", code, "    ^", "", "Error: no setting"];
    expect(findSecrets(shown.join("\n"), [])).toEqual([]);
    expect(findSecrets(shown.with(2, " ".repeat(1_020)).join("\n"), [])).toEqual([]);
    expect(findSecrets(shown.toSpliced(0, 1).join("\n"), [])).toMatchObject([{ kind: "a mail address" }]);
    expect(findSecrets(shown.toSpliced(2, 1).join("\n"), [])).toMatchObject([{ kind: "a mail address" }]);
  });

  it("ignores the usual content of log lines", () => {
    const line =
      '{"level":"ERROR","timestamp":"2026-11-26T07:55:52.040Z","requestId":"fe036fac-ecc6-4614-92d0-fb43d18195d7",' +
      '"route":"/s/{token}","stack":["at run (file:///task/node_modules/@aws-sdk/client-s3/index.js:1:2)"]}';
    expect(findSecrets(line, ["Bakkerij Jansen"])).toEqual([]);
  });
});
