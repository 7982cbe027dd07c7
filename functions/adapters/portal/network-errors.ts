/** `symptom` says why a request got no response. It completes the sentence "it got no answer: …". */
type NetworkFailure = { symptom: string; remedy: string };

type FailureKind = { codes: RegExp; symptom: (host: string) => string; remedy: string };

const later = "Try again later; if it stays so, check whether the portal is up.";
const checkHost = "Check the host in PORTAL_API_URL";

/**
 * The meanings of the error codes of Node, undici and OpenSSL
 * (https://nodejs.org/api/tls.html#x509-certificate-error-codes). The first entry that matches a code is used.
 */
const failureKinds: FailureKind[] = [
  {
    codes: /^ENOTFOUND$/,
    symptom: (host) => `the host ${host} is not known: its name has no address`,
    remedy: `${checkHost}.`,
  },
  {
    codes: /^EAI_/,
    symptom: (host) => `the name of the host ${host} could not be looked up: the name server gave no answer`,
    remedy: `Try again later; if it stays so, check the network's name server. ${checkHost} too.`,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CRL_HAS_EXPIRED)$/,
    symptom: (host) => `the certificate of ${host} has expired`,
    remedy: "Ask whoever runs that host to renew it; check that this machine's clock is right.",
  },
  {
    codes: /^(CERT_NOT_YET_VALID|CRL_NOT_YET_VALID)$/,
    symptom: (host) => `the certificate of ${host} is not valid yet`,
    remedy: "Check that this machine's clock is right.",
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_CERT_ALTNAME_FORMAT|HOSTNAME_MISMATCH)$/,
    symptom: (host) => `the certificate of ${host} is for another host`,
    remedy: `${checkHost}.`,
  },
  {
    codes: /SELF_SIGNED|^UNABLE_TO_|^CERT_|^ERR_TLS_CERT|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$/,
    symptom: (host) => `the certificate of ${host} is not trusted`,
    remedy: `${checkHost}. An authority of your own can be named in NODE_EXTRA_CA_CERTS.`,
  },
  {
    codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|^HPE_INVALID/,
    symptom: (host) =>
      `${host} does not speak the protocol of the address: http is spoken where https is asked, or the other way round`,
    remedy: "Check whether PORTAL_API_URL begins with the right one of https:// and http://, and its port.",
  },
  {
    codes: /^EPROTO$|^ERR_SSL_|^ERR_TLS_/,
    symptom: (host) => `no secure connection with ${host} could be made: the two sides agree on no TLS`,
    remedy: "Check whether PORTAL_API_URL begins with the right one of https:// and http://, and its port.",
  },
  {
    codes: /^BAD_PORT$/,
    symptom: (host) => `the port of ${host} is one that web requests may not use`,
    remedy: "Check the port in PORTAL_API_URL.",
  },
  {
    codes: /^ECONNREFUSED$/,
    symptom: (host) => `nobody listens at ${host}: the connection was refused`,
    remedy: `${checkHost} and its port, and whether the portal is up.`,
  },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/,
    symptom: (host) => `the host ${host} cannot be reached from this network`,
    remedy: `Try again later; if it stays so, check this machine's network. ${checkHost} too.`,
  },
  {
    codes: /TIMEOUT|^ETIMEDOUT$|^TimeoutError$/,
    symptom: (host) => `${host} gave no answer in time`,
    remedy: later,
  },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_CLOSED)$/,
    symptom: (host) => `the connection with ${host} was cut before an answer`,
    remedy: later,
  },
];

/** Explains why a request to `url` got no response. The texts name the host of `url` and no other part of it. */
export function describeNetworkFailure(error: unknown, url: string): NetworkFailure {
  const { host } = new URL(url);
  const codes = listCodes(error);
  for (const code of codes) {
    const kind = failureKinds.find((one) => one.codes.test(code));
    if (kind !== undefined) return { symptom: `${kind.symptom(host)} (${code})`, remedy: kind.remedy };
  }
  const suffix = codes[0] === undefined ? "" : ` (${codes[0]})`;
  return {
    symptom: `no connection with ${host} could be made${suffix}`,
    remedy: `${later} ${checkHost} too.`,
  };
}

/** Nested causes are searched down to this depth. Errors of fetch have fewer nested causes. */
const maxDepth = 5;

/**
 * Returns the codes of the error and of the errors inside it: its causes, and one error for each address that was
 * tried.
 */
function listCodes(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > maxDepth) return [];
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const perAddress = error instanceof AggregateError ? error.errors : [];
  const nested = [error.cause, ...perAddress].flatMap((cause) => listCodes(cause, depth + 1));
  const substitutes = error.name === "TimeoutError" ? [error.name] : [];
  // fetch refuses a blocked port with an error that has this message but no code:
  // https://fetch.spec.whatwg.org/#port-blocking
  if (error.message === "bad port") substitutes.push("BAD_PORT");
  return [code, ...substitutes, ...nested].filter((text) => /^[A-Z][A-Za-z\d_]+$/.test(text));
}
