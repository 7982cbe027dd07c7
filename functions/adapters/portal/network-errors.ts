/** Why a request got no answer, in words of its own, and what to do about it. */
export type NetworkFailure = { seen: string; remedy: string };

type Kind = { codes: RegExp; seen: (host: string) => string; remedy: string };

const later = "Try again later; if it stays so, check whether the portal is up.";
const checkHost = "Check the host in PORTAL_API_URL";

/** By the codes of Node, of OpenSSL (https://nodejs.org/api/tls.html#x509-certificate-error-codes) and of undici. */
const kinds: Kind[] = [
  {
    codes: /^ENOTFOUND$/,
    seen: (host) => `the host ${host} is not known: its name has no address`,
    remedy: `${checkHost}.`,
  },
  {
    codes: /^EAI_/,
    seen: (host) => `the name of the host ${host} could not be looked up: the name server gave no answer`,
    remedy: `Try again later; if it stays so, check the network's name server. ${checkHost} too.`,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CRL_HAS_EXPIRED)$/,
    seen: (host) => `the certificate of ${host} has expired`,
    remedy: "Ask whoever runs that host to renew it; check that this machine's clock is right.",
  },
  {
    codes: /^(CERT_NOT_YET_VALID|CRL_NOT_YET_VALID)$/,
    seen: (host) => `the certificate of ${host} is not valid yet`,
    remedy: "Check that this machine's clock is right.",
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_CERT_ALTNAME_FORMAT|HOSTNAME_MISMATCH)$/,
    seen: (host) => `the certificate of ${host} is for another host`,
    remedy: `${checkHost}.`,
  },
  {
    codes: /SELF_SIGNED|^UNABLE_TO_|^CERT_|^ERR_TLS_CERT|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/,
    seen: (host) => `the certificate of ${host} is not trusted`,
    remedy: `${checkHost}. An authority of your own can be named in NODE_EXTRA_CA_CERTS.`,
  },
  {
    codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|^HPE_INVALID/,
    seen: (host) =>
      `${host} does not speak the protocol of the address: http is spoken where https is asked, or the other way round`,
    remedy: "Check whether PORTAL_API_URL begins with the right one of https:// and http://, and its port.",
  },
  {
    codes: /^EPROTO$|^ERR_SSL_|^ERR_TLS_/,
    seen: (host) => `no secure connection with ${host} could be made: the two sides agree on no TLS`,
    remedy: "Check whether PORTAL_API_URL begins with the right one of https:// and http://, and its port.",
  },
  {
    codes: /^BAD_PORT$/,
    seen: (host) => `the port of ${host} is one that web requests may not use`,
    remedy: "Check the port in PORTAL_API_URL.",
  },
  {
    codes: /^ECONNREFUSED$/,
    seen: (host) => `nobody listens at ${host}: the connection was refused`,
    remedy: `${checkHost} and its port, and whether the portal is up.`,
  },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/,
    seen: (host) => `the host ${host} cannot be reached from this network`,
    remedy: `Try again later; if it stays so, check this machine's network. ${checkHost} too.`,
  },
  {
    codes: /TIMEOUT|^ETIMEDOUT$|^TimeoutError$/,
    seen: (host) => `${host} gave no answer in time`,
    remedy: later,
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_CLOSED)$/,
    seen: (host) => `the connection with ${host} was cut before an answer`,
    remedy: later,
  },
];

/** `url` is the portal's: of it the host alone is told. */
export function describeNetworkFailure(error: unknown, url: string): NetworkFailure {
  const { host } = new URL(url);
  const codes = listCodes(error);
  for (const code of codes) {
    const kind = kinds.find((one) => one.codes.test(code));
    if (kind !== undefined) return { seen: `${kind.seen(host)} (${code})`, remedy: kind.remedy };
  }
  const known = codes[0] === undefined ? "" : ` (${codes[0]})`;
  return { seen: `no connection with ${host} could be made${known}`, remedy: `${later} ${checkHost} too.` };
}

/** Deeper than this no error of fetch lies. */
const maxDepth = 5;

/** Those of the error and of what caused it; an attempt at several addresses has an error for each. */
function listCodes(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > maxDepth) return [];
  const own = "code" in error && typeof error.code === "string" ? error.code : "";
  const all = error instanceof AggregateError ? error.errors : [];
  const nested = [error.cause, ...all].flatMap((cause) => listCodes(cause, depth + 1));
  const named = error.name === "TimeoutError" ? [error.name] : [];
  // https://fetch.spec.whatwg.org/#port-blocking has no code.
  if (error.message === "bad port") named.push("BAD_PORT");
  return [own, ...named, ...nested].filter((code) => /^[A-Z][A-Za-z\d_]+$/.test(code));
}
