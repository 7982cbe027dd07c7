import ipaddr from "ipaddr.js";

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
