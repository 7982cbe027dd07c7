import { ExportError } from "../basics/errors.ts";

/** Of letters, digits and, inside, hyphens (RFC 1123), or underscores, as names within a network have them. */
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const mostNameLength = 253;
const authority = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/;
const mostPort = 65_535;

/** The scheme and the host as a URL has them. Throws for a host that is none. */
export function requireOrigin(scheme: "http" | "https", host: string): string {
  const { name = "", port = "80" } = authority.exec(host.toLowerCase())?.groups ?? {};
  const origin = URL.parse(`${scheme}://${host}`)?.origin;
  if (origin !== undefined && isName(name) && isPort(Number(port))) return origin;
  const detail = "must be the name or the address of a host, with a port from 1 to 65535 or none";
  throw new ExportError("invalid", "invalid_parameters", "Correct the header Host.", {
    errors: [{ parameter: "Host", detail }],
  });
}

/** The URL's own parser has checked what stands in brackets, and names of digits. */
function isName(name: string): boolean {
  if (name.startsWith("[")) return true;
  const bare = name.replace(/\.$/, "");
  return bare.length <= mostNameLength && bare.split(".").every((part) => label.test(part)) && isPlain(bare);
}

/** An address in another spelling, such as `127.1` or `0x7f.1`, leads elsewhere than it says. */
function isPlain(name: string): boolean {
  return URL.parse(`http://${name}`)?.hostname === name;
}

const isPort = (port: number) => port >= 1 && port <= mostPort;
