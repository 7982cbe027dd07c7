import { randomUUID } from "node:crypto";
import { type Clock, toClockSeconds } from "../../functions/adapters/clock/clock.ts";
import {
  type ApiConfig,
  findSettingIn,
  type StorageLocation,
} from "../../functions/adapters/settings/settings.ts";
import { readWebhooks } from "../../functions/adapters/webhook/webhook-receivers.ts";
import { createFront } from "../../functions/api/front.ts";
import { openPageFiles, type PageFiles } from "../../functions/api/page-route.ts";
import { createApi } from "../../functions/api/router.ts";
import { type AppContext, type ContextOptions, openContext } from "../../functions/app/context.ts";
import { createExportWorkflow } from "../../functions/app/workflow/export-workflow.ts";
import { failExports, openLocalWorkflow, openRunner } from "../../local/durable/runner.ts";
import { maxInvocationMs } from "../../local/function-url/url-response.ts";
import type { UrlRequest } from "../../local/function-url/url-event.ts";
import { answerRequest, type UrlHandler } from "../../local/function-url/url-server.ts";
import { openPortal, type Portal, type PortalResponse } from "../../local/portal/portal-server.ts";
import { type ExecutionMemory, openExecutionMemory } from "./execution-memory.ts";
import { readPortalOptions, type TestPortalOptions } from "./test-portal.ts";
import {
  accessToken,
  bucket,
  buildTestPage,
  keys,
  readTestConfig,
  region,
  type TestStack,
} from "./test-stack.ts";
import { serveLinks } from "./virtual-bucket.ts";
import { VirtualResponse } from "./virtual-response.ts";
import { useWorld } from "./virtual-world.ts";

// The parts of test-stack.ts and test-portal.ts in a virtual world: the same code of the service and of the portal, on
// virtual time, with a simulated S3 and without sockets or files.

/** Opens the demo portal. Without a `limit`, tests never reach the rate limit. */
export async function openVirtualPortal(options: TestPortalOptions = {}): Promise<Portal> {
  const { network, clock } = useWorld();
  const { handle, serveAt, ...portal } = openPortal({ clock, ...readPortalOptions(options) });
  const origin = network.listen(async (request) => {
    const answer = new VirtualResponse();
    const authorization = request.headers.get("authorization") ?? undefined;
    const { method } = request;
    void handle({ method, url: pathOf(request), authorization, readBody: () => request.text() }, answer);
    return await answer.response;
  });
  return { ...portal, url: serveAt(origin), stop: async () => network.close(origin) };
}

/** Opens a server of answers that the demo portal never gives. Returns its address, which ends in `/v1`. */
export function serveVirtualAnswers(handle: (path: string, response: PortalResponse) => unknown): string {
  const origin = useWorld().network.listen(async (request) => {
    const answer = new VirtualResponse();
    void handle(pathOf(request), answer);
    return await answer.response;
  });
  return `${origin}/v1`;
}

function pathOf({ url }: Request): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/** Opens an empty bucket. */
export async function openVirtualBucket(): Promise<StorageLocation> {
  const { network, openS3 } = useWorld();
  const links = Promise.withResolvers<ReturnType<typeof serveLinks>>();
  const endpoint = network.listen(async (request) => (await links.promise)(request));
  const location = { name: bucket, region, endpoint, credentials: keys };
  links.resolve(serveLinks(location, openS3(endpoint, location.name).objects));
  return location;
}

export type VirtualStack = TestStack & { executions: ExecutionMemory };

/** Opens the function URL and the workflow, with a bucket of their own. */
export async function openVirtualStack(
  portal: Pick<Portal, "url">,
  settings: Record<string, string> = {},
  clock?: Clock,
  ports: Pick<ContextOptions, "openMailClient" | "sendWebhook"> = {},
): Promise<VirtualStack> {
  const world = useWorld();
  const config = readTestConfig(await openVirtualBucket(), portal, settings);
  const webhooks = readWebhooks(findSettingIn(settings), { allowLoopback: true });
  const { random } = world;
  return serveVirtualStack(
    openContext(config, { clock: clock ?? world.clock, random, webhooks, ...ports }),
    config,
  );
}

/** Opens the function URL and the workflow of this context. */
export function serveVirtualStack(
  app: AppContext,
  { accessTokens, noticeSecrets }: ApiConfig,
  executions = openExecutionMemory(),
): VirtualStack {
  const runner = openRunner(executions, {
    handler: createExportWorkflow(app),
    clock: app.clock,
    invocationTimeoutMs: toClockSeconds(app.clock, maxInvocationMs),
    onFailed: failExports(app),
  });
  const workflow = openLocalWorkflow(runner);
  const web = openPage();
  const loadApi = async () => createApi({ app, workflow, web });
  const url = serveVirtualUrl(createFront({ accessTokens, noticeSecrets, web, loadApi }));
  const headers = { authorization: `Bearer ${accessToken}` };
  const ask: TestStack["ask"] = (path, init) =>
    fetch(new URL(path, url), { redirect: "manual", headers, ...init });
  return { app, url, workflow, runner, executions, ask };
}

/** Serves a function URL, and returns its address. */
export function serveVirtualUrl(handler: UrlHandler, timeoutMs = maxInvocationMs): string {
  async function invoke(request: UrlRequest, body: Buffer) {
    const requestId = randomUUID();
    const lambda = { handler, functionName: "http", timeoutMs, clock: Date.now };
    const answer = await answerRequest(request, body, { ...lambda, requestId });
    const hasBody = answer.status !== 204 && answer.status !== 304;
    const headers = [...answer.headers];
    headers.push(["x-amzn-requestid", requestId]);
    if (hasBody) headers.push(["content-length", String(answer.body.length)]);
    return { ...answer, headers, body: hasBody && request.method !== "HEAD" ? answer.body : Buffer.alloc(0) };
  }

  const origin = useWorld().network.listen(
    async (request) => {
      const body = Buffer.from(await request.arrayBuffer());
      const { method, url, headers: given } = request;
      const { pathname, search, host } = new URL(url);
      const sent = { ...fetchHeaders, ...lengthOf(body), ...Object.fromEntries(given), host };
      const answer = await invoke(describe({ method, path: `${pathname}${search}`, headers: sent }), body);
      const { status, headers, cookies, body: bytes } = answer;
      const response = new Response(bytes.length > 0 ? Uint8Array.from(bytes) : null, { status, headers });
      for (const cookie of cookies) response.headers.append("set-cookie", cookie);
      return response;
    },
    async ({ method = "GET", path = "/", headers: given = {}, body: text = "" }) => {
      const body = Buffer.from(text);
      const headers = { host: new URL(origin).host, connection: "close", ...given, ...lengthOf(body) };
      const answer = await invoke(describe({ method, path, headers }), body);
      return { ...answer, headers: Object.fromEntries(answer.headers) };
    },
  );
  return `${origin}/`;
}

/** The headers that Node's `fetch` adds to a request. */
const fetchHeaders = {
  accept: "*/*",
  "accept-language": "*",
  "sec-fetch-mode": "cors",
  "user-agent": "node",
  "accept-encoding": "gzip, deflate",
};

function lengthOf({ length }: Buffer): Record<string, string> {
  return length > 0 ? { "content-length": String(length) } : {};
}

type Sent = { method: string; path: string; headers: Record<string, string> };

/** Describes a request as Node's server does. */
function describe({ method, path, headers }: Sent): UrlRequest {
  return {
    method,
    url: path,
    httpVersion: "1.1",
    headersDistinct: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]]),
    ),
    socket: { remoteAddress: "127.0.0.1", localPort: 80 },
  };
}

/** Returns the files of the page. They are built for the first test that asks for one. */
function openPage(): PageFiles {
  const { hold } = useWorld();
  const open = async () => openPageFiles(await buildTestPage());
  return {
    readDocument: (encoding) => hold(open().then((files) => files.readDocument(encoding))),
    readAsset: (name, encoding) => hold(open().then((files) => files.readAsset(name, encoding))),
  };
}
