import ipaddr from "ipaddr.js";

/** Whether a receiver may be on this very machine, as on a developer's. */
export type AddressPolicy = { allowLoopback?: boolean };

const maxAddresses = 10;

/**
 * The setting WEBHOOKS: addresses separated by white space or commas, and a clause on each that is not as it must
 * be. A clause has an address's number and never its text, for whoever knows the text can post to it.
 */
export function parseWebhookAddresses(
  text: string,
  allowance: AddressPolicy = {},
): { urls: string[]; faults: string[] } {
  const given = text.split(/[\s,]+/).filter((address) => address !== "");
  const urls = given.map((address) => (URL.canParse(address) ? new URL(address).href : address));
  const faults = given.flatMap((address, index) => {
    const fault =
      findFault(address, allowance) ?? (urls.indexOf(urls[index] ?? "") < index ? "is there twice" : null);
    return fault === null ? [] : [`address ${index + 1} ${fault}`];
  });
  if (given.length > maxAddresses) faults.unshift(`there are at most ${maxAddresses} addresses`);
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

/** Standard Webhooks wants 24 to 64 random bytes: https://www.standardwebhooks.com */
export function isWebhookSecret(text: string): boolean {
  const [, base64 = ""] =
    /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(text) ?? [];
  const bytes = (base64.length / 4) * 3 - (base64.match(/=/g)?.length ?? 0);
  return bytes >= 24 && bytes <= 64;
}

/** All of the IPv6 that is given out to networks: https://www.iana.org/assignments/ipv6-address-space */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** Whether it is an IP address that the world can reach: neither of a network's own, nor one that may lead into it. */
export function isPublicAddress(text: string): boolean {
  if (!isAddress(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(globalUnicast);
}

/** Whether it is an IP address of this very machine. */
export function isLoopbackAddress(text: string): boolean {
  return isAddress(text) && ipaddr.parse(text).range() === "loopback";
}

/** The IP address that an URL has for a host, in brackets or not; null where that is a name. */
export function readIpAddress(hostname: string): string | null {
  const text = hostname.replace(/^\[(.*)\]$/, "$1");
  return isAddress(text) ? text : null;
}

/** Of IPv4 one notation only: what is read in two ways may be one address here, and another where it is connected to. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
