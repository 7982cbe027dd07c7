import * as z from "zod";

/** A webhook as the portal tells of it. */
export const RegisteredWebhook = z.object({
  id: z.string(),
  type: z.string(),
  url: z.string(),
  secret: z.string().nullish(),
});
export type RegisteredWebhook = z.infer<typeof RegisteredWebhook>;

const Page = z.object({ data: z.array(RegisteredWebhook), next_page_url: z.string().nullish() });

export type PortalWebhooks = ReturnType<typeof openPortalWebhooks>;

const timeoutMs = 30_000;
/** Nobody has so many; a list without an end has. */
const mostPages = 100;

type Request = { method: string; path: string; body?: object };

/** The webhooks that are registered at a portal. What it does not do as it was asked throws an error without a secret. */
export function openPortalWebhooks({ url, key }: { url: string; key: string }) {
  async function ask({ method, path, body }: Request): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, accept: "application/json" };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new Error("the portal at PORTAL_API_URL does not answer", { cause });
    });
    if (response.ok) return response;
    throw new Error(`${method} ${path} answered ${response.status}: ${findRemedy(method, response.status)}`);
  }

  async function read<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    const response = await ask(request);
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new Error(`${request.method} ${request.path} answered something else than webhooks`);
  }

  /** In pages, which are asked for by their number. */
  async function list(): Promise<RegisteredWebhook[]> {
    const hooks: RegisteredWebhook[] = [];
    for (let number = 1; number <= mostPages; number += 1) {
      const page = await read({ method: "GET", path: `/webhooks?page=${number}` }, Page);
      hooks.push(...page.data);
      if (page.next_page_url == null) return hooks;
    }
    throw new Error(`the portal's list of webhooks has no end after ${mostPages} pages`);
  }

  const add = (hook: { url: string; type: string }): Promise<RegisteredWebhook> =>
    read({ method: "POST", path: "/webhooks", body: hook }, RegisteredWebhook);

  /** Whether it is gone the list tells: that a webhook can be deleted is not documented. Gives what went wrong. */
  const remove = async (id: string): Promise<Error | null> =>
    ask({ method: "DELETE", path: `/webhooks/${encodeURIComponent(id)}` }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error("the portal did not answer")),
    );

  return { list, add, remove };
}

function findRemedy(method: string, status: number): string {
  if (status === 403) return describeScope(method === "GET" ? "webhooks.read" : "webhooks.write");
  return remedies.get(status) ?? "try again later";
}

/** Whether the one includes the other is not documented, so both are asked for. */
function describeScope(scope: string): string {
  return `the key in PORTAL_API_KEY lacks the scope ${scope}, it needs webhooks.read and webhooks.write`;
}

const remedies = new Map([
  [401, "the portal does not know the key in PORTAL_API_KEY"],
  [404, "PORTAL_API_URL is not the portal's API"],
  [429, "the portal's rate limit is used up, try again in a minute"],
]);
