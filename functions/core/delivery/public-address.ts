import ipaddr from "ipaddr.js";

/** The rules for a receiver's address. `allowLoopback` allows receivers on this machine, for development. */
export type AddressPolicy = { allowLoopback?: boolean };

const maxAddresses = 10;

/**
 * Parses the setting WEBHOOKS: addresses separated by white space or commas. Addresses are secrets, so an error
 * message gives an address's position in the list, not its text.
 */
export function parseWebhookAddresses(
  text: string,
  policy: AddressPolicy = {},
): { urls: string[]; faults: string[] } {
  const addresses = text.split(/[\s,]/).filter((address) => address !== "");
  const urls = addresses.map((address) => (URL.canParse(address) ? new URL(address).href : address));
  const faults = urls.flatMap((url, index) => {
    const fault = findFault(url, policy) ?? (urls.indexOf(url) < index ? "is there twice" : null);
    return fault === null ? [] : [`address ${index + 1} ${fault}`];
  });
  if (addresses.length > maxAddresses) faults.unshift(`there are at most ${maxAddresses} addresses`);
  return { urls, faults };
}

function findFault(text: string, { allowLoopback = false }: AddressPolicy): string | null {
  if (!URL.canParse(text)) return "is no https address";
  const url = new URL(text);
  const address = readIpAddress(url.hostname);
  const isAllowed = allowLoopback && address !== null && isLoopbackAddress(address);
  if (url.protocol !== "https:" && !(isAllowed && url.protocol === "http:")) return "is no https address";
  if (url.username !== "" || url.password !== "") return "has a user name or a password";
  if (text.includes("#")) return "has a fragment";
  if (address !== null && !isAllowed && !isPublicAddress(address)) return "is within a network";
  return null;
}

/**
 * True for a secret with 24 to 64 bytes, the length that Standard Webhooks requires: https://www.standardwebhooks.com
 */
export function isWebhookSecret(text: string): boolean {
  const [, base64 = ""] =
    /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(text) ?? [];
  const bytes = (base64.length / 4) * 3 - (base64.match(/=/g)?.length ?? 0);
  return bytes >= 24 && bytes <= 64;
}

/** The range of IPv6 addresses that is allocated to networks: https://www.iana.org/assignments/ipv6-address-space */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * True for an IP address on the public internet, which can lead neither to this machine nor into a private network.
 */
export function isPublicAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(globalUnicast);
}

/** True for a loopback address, which leads to this machine. */
export function isLoopbackAddress(text: string): boolean {
  return isAddress(text) && ipaddr.parse(text).range() === "loopback";
}

/** Returns the IP address in a URL's host, without brackets; null for a host name. */
export function readIpAddress(hostname: string): string | null {
  const text = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isAddress(text) ? text : null;
}

/**
 * True for an IP address. Accepts only one notation of IPv4, four decimal numbers, since a resolver may read another
 * notation as a different address.
 */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
