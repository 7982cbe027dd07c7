import * as z from "zod";
import { portalKeySetting } from "../functions/adapters/settings/settings.ts";
import {
  isPortalWebhookSecret,
  portalWebhookTypes,
} from "../functions/core/portal-webhooks/portal-webhook.ts";
import { sharedSettings } from "../functions/core/settings/setting-defaults.ts";
import {
  baseUrlSetting,
  readSettings as readAll,
  rejectFaults,
  textSetting,
  trimBaseUrl,
  withFallback,
} from "../functions/core/settings/setting-rules.ts";

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
const maxPages = 100;

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
    for (let number = 1; number <= maxPages; number += 1) {
      const page = await read({ method: "GET", path: `/webhooks?page=${number}` }, Page);
      hooks.push(...page.data);
      if (page.next_page_url == null) return hooks;
    }
    throw new Error(`the portal's list of webhooks has no end after ${maxPages} pages`);
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

export type Registered = { added: string[]; secrets: { type: string; secret: string }[] };

/**
 * Registers what is not registered there yet. Gives the secrets of all: one registered twice has two. Throws an error
 * that says what was registered before it.
 */
export async function registerWebhooks(
  hooks: PortalWebhooks,
  locate: (type: string) => string,
): Promise<Registered> {
  const added: string[] = [];
  try {
    return { added, secrets: await addMissing(hooks, locate, added) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; ${describeAdded(added)}`, { cause: error });
  }
}

function describeAdded(added: string[]): string {
  if (added.length === 0) return "nothing was registered";
  return `registered before that: ${added.join(", ")}; run it again to register the rest and to save the secrets of all`;
}

async function addMissing(
  { list, add }: PortalWebhooks,
  locate: (type: string) => string,
  added: string[],
): Promise<Registered["secrets"]> {
  const known = await list();
  const secrets: Registered["secrets"] = [];
  for (const type of portalWebhookTypes) {
    const url = locate(type);
    const there = known.filter((hook) => hook.type === type && hook.url === url);
    if (there.length === 0) {
      there.push(await add({ url, type }));
      added.push(type);
    }
    secrets.push(...there.map((hook) => ({ type, secret: readSecret(hook) })));
  }
  return secrets;
}

function readSecret({ id, secret, type }: RegisteredWebhook): string {
  if (secret != null && isPortalWebhookSecret(secret)) return secret;
  throw new Error(
    `the portal tells no usable secret of ${type} (${id}): remove the webhooks and register them anew`,
  );
}

/** `reason` is what the portal said of the first that it did not remove. */
export type Removed = { removed: RegisteredWebhook[]; left: RegisteredWebhook[]; reason: string | null };

/** Removes what is registered there, as far as the portal lets it. */
export async function removeWebhooks(
  { list, remove }: PortalWebhooks,
  locate: (type: string) => string,
): Promise<Removed> {
  const urls = new Set(portalWebhookTypes.map(locate));
  const listOurs = async () => (await list()).filter(({ url }) => urls.has(url));
  const found = await listOurs();
  const failures: Error[] = [];
  for (const { id } of found) {
    const failure = await remove(id);
    if (failure !== null) failures.push(failure);
  }
  const left = found.length === 0 ? [] : await listOurs();
  const ids = new Set(left.map(({ id }) => id));
  const reason = failures[0]?.message ?? null;
  return { removed: found.filter(({ id }) => !ids.has(id)), left, reason };
}

const settings = {
  PORTAL_API_URL: sharedSettings.PORTAL_API_URL,
  PORTAL_API_KEY: portalKeySetting,
  LOCAL_DIR: withFallback(textSetting(), ".local"),
};

/** What registers and removes webhooks at the portal. Throws an error that names what is wrong in one line. */
export function readSettings(env: Record<string, string | undefined>) {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  rejectFaults(faults);
  const { PORTAL_API_URL: url, PORTAL_API_KEY: key, LOCAL_DIR: directory } = values;
  return { portal: { url: trimBaseUrl(url), key }, directory };
}

/** Where the portal is to tell of offers: what a type of webhook is registered with. Throws for what is no address. */
export function readAddress(given: string | undefined): (type: string) => string {
  const url = given === undefined ? null : baseUrlSetting.read(given);
  if (url === null) throw new Error(`give the address of the deployment, its url: it ${baseUrlSetting.hint}`);
  return (type) => `${trimBaseUrl(url)}/portal/${type}`;
}
