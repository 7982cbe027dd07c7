import { lookup as askSystem, type LookupAddress } from "node:dns";
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
 * Throws a ConfigError that quotes nothing. `find` gives the settings' texts. Apart from the other settings, because
 * what reads addresses is a library that a refusal at the URL can do without.
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
    ...findFaults(secrets),
  ];
  if (all.length > 0) throw new ConfigError(all);
  return { hooks: urls.map((url) => ({ id: hashAddress(url), url })), secrets, allowLoopback };
}

function findFaults(secrets: string[]): string[] {
  if (secrets.join("") === "")
    return ["the setting WEBHOOK_SECRET (the secret WebhookSecret) is missing: WEBHOOKS are signed with it"];
  if (secrets.length <= 2 && secrets.every(isWebhookSecret)) return [];
  return [`the setting WEBHOOK_SECRET (the secret WebhookSecret) is malformed: ${hint}`];
}

/** Nothing was sent: the receiver is, or may be, within the network that this runs in. */
export class PrivateAddressError extends Error {
  override name = "InsideError";
}

/** With an error there are no addresses, which Node's types do not say. */
type Found = (error: NodeJS.ErrnoException | null, addresses?: LookupAddress[]) => void;

/** Finds all addresses of a name, as the system does. */
export type ResolveHost = (host: string, options: { all: true }, found: Found) => void;

/**
 * For the `lookup` of a connection, which goes to the very addresses that were looked at: a name that stands for others
 * the next time that it is asked for leads nowhere else. One address within is enough to refuse the name.
 */
export function createGuardedLookup(
  allowance: AddressPolicy,
  resolve: ResolveHost = askSystem,
): LookupFunction {
  return (host, { all }, tell) =>
    resolve(host, { all: true }, (error, addresses = []) => {
      const isInside = addresses.some(({ address }) => !isAllowedAddress(address, allowance));
      const [first] = addresses;
      if (error !== null || isInside) tell(error ?? new PrivateAddressError(), []);
      else if (all === true || first === undefined) tell(null, addresses);
      else tell(null, first.address, first.family);
    });
}

/** No connection looks an IP address up, so one that an URL has for a host is looked at beforehand. Throws an InsideError. */
export function requirePublicAddress(url: URL, allowance: AddressPolicy): void {
  const address = readIpAddress(url.hostname);
  if (address !== null && !isAllowedAddress(address, allowance)) throw new PrivateAddressError();
}

function isAllowedAddress(address: string, { allowLoopback = false }: AddressPolicy): boolean {
  return isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
}
