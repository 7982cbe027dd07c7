import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import {
  type AddressPolicy,
  isLoopbackAddress,
  isPublicAddress,
  isWebhookSecret,
  parseWebhookAddresses,
  readIpAddress,
} from "../../core/delivery/public-address.ts";
import { noWebhooks, type Webhooks } from "../../core/delivery/webhook-event.ts";
import { ConfigError } from "../../core/settings/setting-rules.ts";
import { hashAddress } from "../bucket/key-hashes.ts";

const hint =
  "must be whsec_ and the base64 of 24 to 64 random bytes, or two of these with a comma between them";

/**
 * Reads the settings WEBHOOKS and WEBHOOK_SECRET. Throws a ConfigError that quotes neither setting. This function is
 * not in settings.ts, because it needs a library that a refused HTTP request should not load.
 */
export function readWebhooks(
  find: (name: string) => string | undefined,
  { allowLoopback = false }: AddressPolicy = {},
): Webhooks {
  const text = find("WEBHOOKS");
  if (text === undefined) return noWebhooks;
  const { urls, faults } = parseWebhookAddresses(text, { allowLoopback });
  const secrets = (find("WEBHOOK_SECRET") ?? "").split(",").map((secret) => secret.trim());
  const all = [
    ...faults.map((fault) => `the setting WEBHOOKS is malformed: ${fault}`),
    ...findSecretFaults(secrets),
  ];
  if (all.length > 0) throw new ConfigError(all);
  return { hooks: urls.map((url) => ({ id: hashAddress(url), url })), secrets, allowLoopback };
}

function findSecretFaults(secrets: string[]): string[] {
  if (secrets.join("") === "")
    return ["the setting WEBHOOK_SECRET (the secret WebhookSecret) is missing: WEBHOOKS are signed with it"];
  if (secrets.length <= 2 && secrets.every(isWebhookSecret)) return [];
  return [`the setting WEBHOOK_SECRET (the secret WebhookSecret) is malformed: ${hint}`];
}

/** Thrown when a receiver may be inside the network of this function. Nothing has been sent. */
export class PrivateAddressError extends Error {
  override name = "PrivateAddressError";
}

/** The callback of a lookup. With an error it gets no addresses, although Node's types require them. */
type LookupCallback = (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void;

/** Resolves a host name to all its addresses, like `dns.lookup`. */
export type ResolveHost = (host: string, options: { all: true }, callback: LookupCallback) => void;

/**
 * Creates the `lookup` function of a connection. It refuses a host name when any address of the host is private. The
 * connection uses exactly the checked addresses, so a later change of the host's DNS record cannot redirect the
 * connection.
 */
export function createGuardedLookup(
  policy: AddressPolicy,
  resolve: ResolveHost = systemLookup,
): LookupFunction {
  return (host, { all }, callback) =>
    resolve(host, { all: true }, (error, addresses = []) => {
      const hasPrivate = addresses.some(({ address }) => !isAllowedAddress(address, policy));
      const [first] = addresses;
      if (error !== null || hasPrivate) callback(error ?? new PrivateAddressError(), []);
      else if (all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}

/**
 * Throws a PrivateAddressError when the URL contains a private IP address in place of a host name. `lookup` cannot
 * refuse such a URL, because a connection calls `lookup` only for a host name.
 */
export function requirePublicAddress(url: URL, policy: AddressPolicy): void {
  const address = readIpAddress(url.hostname);
  if (address !== null && !isAllowedAddress(address, policy)) throw new PrivateAddressError();
}

function isAllowedAddress(address: string, { allowLoopback = false }: AddressPolicy): boolean {
  return isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
}
