import * as z from "zod";
import { secretSettings } from "../functions/adapters/settings/secret-settings.ts";
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

/** A webhook as the portal describes it. */
const RegisteredWebhook = z.object({
  id: z.string(),
  type: z.string(),
  url: z.string(),
  secret: z.string().nullish(),
});
type RegisteredWebhook = z.infer<typeof RegisteredWebhook>;

const Page = z.object({ data: z.array(RegisteredWebhook), next_page_url: z.string().nullish() });

type PortalWebhooks = ReturnType<typeof openPortalWebhooks>;

const timeoutMs = 30_000;
/**
 * The maximum number of pages in a list of webhooks. Nobody registers so many webhooks, so a longer list means that the
 * portal never ends the list.
 */
const maxPages = 100;

type PortalAccess = { url: string; key: string; isDefault?: boolean };

type Request = { method: string; path: string; body?: object };

/** Opens a client that lists, adds and removes a portal's webhooks. The client's errors contain no secret. */
export function openPortalWebhooks({ url, key, isDefault = false }: PortalAccess) {
  const portal = `the portal at ${url}${isDefault ? " (PORTAL_API_URL is not set, so this is its default)" : ""}`;

  async function send({ method, path, body }: Request): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, accept: "application/json" };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new Error(`${portal} does not answer`, { cause });
    });
    if (response.ok) return response;
    const remedy = findRemedy(method, response.status);
    throw new Error(`${method} ${path} of ${portal} answered ${response.status}: ${remedy}`);
  }

  async function read<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
    const response = await send(request);
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new Error(`${request.method} ${request.path} of ${portal} answered something else than webhooks`);
  }

  async function list(): Promise<RegisteredWebhook[]> {
    const webhooks: RegisteredWebhook[] = [];
    for (let number = 1; number <= maxPages; number += 1) {
      const page = await read({ method: "GET", path: `/webhooks?page=${number}` }, Page);
      webhooks.push(...page.data);
      if (page.next_page_url == null) return webhooks;
    }
    throw new Error(`the portal's list of webhooks has no end after ${maxPages} pages`);
  }

  const add = (webhook: { url: string; type: string }): Promise<RegisteredWebhook> =>
    read({ method: "POST", path: "/webhooks", body: webhook }, RegisteredWebhook);

  /**
   * Returns null when the request succeeded, and the request's error otherwise. Only the list shows whether the webhook
   * was removed, because the portal does not document deletion.
   */
  const remove = async (id: string): Promise<Error | null> =>
    send({ method: "DELETE", path: `/webhooks/${encodeURIComponent(id)}` }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error("the portal did not answer")),
    );

  return { list, add, remove };
}

function findRemedy(method: string, status: number): string {
  if (status === 403) return describeScope(method === "GET" ? "webhooks.read" : "webhooks.write");
  return remedies.get(status) ?? "try again later";
}

/**
 * The message names both scopes, because the portal's documentation does not say whether one scope includes the other.
 */
function describeScope(scope: string): string {
  return `the key in PORTAL_API_KEY lacks the scope ${scope}, it needs webhooks.read and webhooks.write`;
}

const remedies = new Map([
  [401, "the portal does not know the key in PORTAL_API_KEY"],
  [404, "PORTAL_API_URL is not the portal's API"],
  [429, "the portal's rate limit is used up, try again in a minute"],
]);

type Registered = { added: string[]; secrets: { type: string; secret: string }[] };

/**
 * Registers the deployment's webhooks that are missing. Returns the secrets of all the deployment's webhooks; a type
 * that is registered twice has two secrets. When a registration fails, the error names the types that were registered
 * before the failure.
 */
export async function registerWebhooks(
  webhooks: PortalWebhooks,
  addressOf: (type: string) => string,
): Promise<Registered> {
  const added: string[] = [];
  try {
    return { added, secrets: await addMissing(webhooks, addressOf, added) };
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
  addressOf: (type: string) => string,
  added: string[],
): Promise<Registered["secrets"]> {
  const known = await list();
  const secrets: Registered["secrets"] = [];
  for (const type of portalWebhookTypes) {
    const url = addressOf(type);
    const existing = known.filter((webhook) => webhook.type === type && webhook.url === url);
    if (existing.length === 0) {
      existing.push(await add({ url, type }));
      added.push(type);
    }
    secrets.push(...existing.map((webhook) => ({ type, secret: readSecret(webhook) })));
  }
  return secrets;
}

function readSecret({ id, secret, type }: RegisteredWebhook): string {
  if (secret != null && isPortalWebhookSecret(secret)) return secret;
  throw new Error(
    `the portal gives no usable secret for ${type} (${id}): remove the webhooks and register them again`,
  );
}

/**
 * `reason` is the first error of a removal; null when no removal failed. `remaining` are the webhooks that the portal
 * still lists.
 */
type Removed = { removed: RegisteredWebhook[]; remaining: RegisteredWebhook[]; reason: string | null };

/** Removes this deployment's webhooks, as far as the portal allows the removal. */
export async function removeWebhooks(
  { list, remove }: PortalWebhooks,
  addressOf: (type: string) => string,
): Promise<Removed> {
  const urls = new Set(portalWebhookTypes.map(addressOf));
  const listOurs = async () => (await list()).filter(({ url }) => urls.has(url));
  const found = await listOurs();
  const failures: Error[] = [];
  for (const { id } of found) {
    const failure = await remove(id);
    if (failure !== null) failures.push(failure);
  }
  const remaining = found.length === 0 ? [] : await listOurs();
  const ids = new Set(remaining.map(({ id }) => id));
  const reason = failures[0]?.message ?? null;
  return { removed: found.filter(({ id }) => !ids.has(id)), remaining, reason };
}

const settings = {
  PORTAL_API_URL: sharedSettings.PORTAL_API_URL,
  PORTAL_API_KEY: secretSettings.PORTAL_API_KEY,
  LOCAL_DIR: withFallback(textSetting(), ".local"),
};

/** Reads the settings for registering webhooks. Throws an error that names all faulty settings in one line. */
export function readSettings(env: Record<string, string | undefined>) {
  const { values, faults } = readAll(settings, (name) => env[name]?.trim() || undefined);
  rejectFaults(faults);
  const { PORTAL_API_URL: url, PORTAL_API_KEY: key, LOCAL_DIR: directory } = values;
  const isDefault = !env["PORTAL_API_URL"]?.trim();
  return { portal: { url: trimBaseUrl(url), key, isDefault }, directory };
}

/** Returns a function that makes the address for a type of webhook. Throws when `given` is not a URL. */
export function readAddress(given: string | undefined): (type: string) => string {
  const url = given === undefined ? null : baseUrlSetting.read(given);
  if (url === null) throw new Error(`give the address of the deployment, its url: it ${baseUrlSetting.hint}`);
  return (type) => `${trimBaseUrl(url)}/portal/${type}`;
}
