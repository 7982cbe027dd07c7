import { expect, it, vi } from "vitest";
import { startFunctionUrl } from "../../local/function-url/url-server.ts";
import { spyOnStderr } from "../support/captured-output.ts";
import { openSilentServer } from "../support/unreliable-servers.ts";

const accessToken = "access-token-of-the-tests";

it("the function URL's handler reports within its 30 seconds that the storage does not answer", async () => {
  const settings = {
    ACCESS_TOKEN: accessToken,
    PORTAL_API_KEY: "portal-key-of-the-tests",
    EXPORT_WORKFLOW: "workflow",
    EXPORT_WORKFLOW_QUALIFIER: "live",
    REPORT_BUCKET: "tests",
    S3_ENDPOINT: await openSilentServer(),
    AWS_ACCESS_KEY_ID: "AKIDOFTHETESTS",
    AWS_SECRET_ACCESS_KEY: "secret-key-of-the-tests",
  };
  for (const [name, text] of Object.entries(settings)) vi.stubEnv(name, text);
  const { handler } = await import("../../functions/http.ts");
  vi.unstubAllEnvs();
  const stderr = spyOnStderr();
  const front = await startFunctionUrl({ port: 0, handler, functionName: "http", timeoutMs: 30_000 });
  const response = await fetch(`${front.url}exports`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  const problem: unknown = await response.json().catch(() => null);
  await front.stop();
  stderr.mockRestore();
  expect(problem).toMatchObject({ status: 502, code: "storage_failed" });
});
