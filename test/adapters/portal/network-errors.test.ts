import { once } from "node:events";
import { createServer as createSecure } from "node:https";
import { createServer, type Server } from "node:http";
import { createServer as createSocket } from "node:net";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeNetworkFailure } from "../../../functions/adapters/portal/network-errors.ts";
import { listen } from "../../../local/loopback-server.ts";
import { crawlWholeList } from "../../support/portal-crawl.ts";
import { fakeClock, portalKey } from "../../support/test-portal.ts";

async function openSecure(): Promise<string> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const server = createSecure({ key, cert }, (_request, response) => response.end());
  return `https://localhost:${await bind(server)}/v1`;
}

async function bind(server: Server): Promise<string> {
  const { port } = new URL(await listen(server, 0));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

/** Returns a free port. To find it, a server listens on any port and is closed again. */
async function findFreePort(): Promise<number> {
  const server = createSocket().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

const failureOf = async (url: string) => crawlWholeList(url, fakeClock()).catch((error: unknown) => error);

describe("an export whose portal cannot be reached", () => {
  const cases: [string, () => Promise<string>, RegExp][] = [
    [
      "an unknown host",
      async () => "https://no-such-host.invalid/v1",
      /no-such-host\.invalid is not known.*ENOTFOUND|no-such-host\.invalid could not be looked up.*EAI_AGAIN/,
    ],
    [
      "nobody listens",
      async () => `http://127.0.0.1:${await findFreePort()}/v1`,
      /nobody listens at 127\.0\.0\.1:\d+.*ECONNREFUSED/,
    ],
    [
      "nobody listens, by name",
      async () => `http://localhost:${await findFreePort()}/v1`,
      /nobody listens at localhost:\d+.*ECONNREFUSED/,
    ],
    [
      "a certificate that nobody knows",
      async () => await openSecure(),
      /certificate of localhost:\d+ is not trusted.*SELF_SIGNED/,
    ],
    [
      "https where http is spoken",
      async () => `https://localhost:${await bind(createServer((_request, response) => response.end()))}/v1`,
      /localhost:\d+ does not speak the protocol.*https/,
    ],
    [
      "a connection that is cut",
      async () => `http://127.0.0.1:${await bind(createServer((request) => request.socket.destroy()))}/v1`,
      /connection with 127\.0\.0\.1:\d+ was cut/,
    ],
  ];

  it.each(cases)("says why, and names the host: %s", async (_title, open, words) => {
    const url = await open();
    const failure = await failureOf(url);
    expect(failure).toMatchObject({ kind: "portal", code: "portal_unavailable" });
    expect(String(failure)).toMatch(words);
    expect(String(failure)).toMatch(/ 5 times/);
    expect(String(failure)).not.toContain(portalKey);
    expect(String(failure)).not.toMatch(/page=|Bearer/);
  });

  it("names a port that fetch blocks", async () => {
    expect(String(await failureOf("http://127.0.0.1:1/v1"))).toMatch(/port of 127\.0\.0\.1:1 is one/);
  });

  it("gives each failure its own text", async () => {
    const texts = await Promise.all(cases.map(async ([, open]) => String(await failureOf(await open()))));
    const words = texts.map((text) => text.replaceAll(/localhost|127\.0\.0\.1|:\d+/g, ""));
    expect(new Set(words).size).toBe(cases.length - 1);
  });
});

describe("describeNetworkFailure", () => {
  const nest = (code: string) =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });
  const url = "https://user:secret@portal.example:8443/v1?key=hidden";

  it.each([
    ["ENOTFOUND", "is not known"],
    ["EAI_AGAIN", "could not be looked up"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "is not trusted"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "is not trusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "is not trusted"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "is not trusted"],
    ["CERT_UNTRUSTED", "is not trusted"],
    ["CERT_REVOKED", "is not trusted"],
    ["CERT_HAS_EXPIRED", "has expired"],
    ["CERT_NOT_YET_VALID", "not valid yet"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "for another host"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "does not speak the protocol"],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "does not speak the protocol"],
    ["HPE_INVALID_CONSTANT", "does not speak the protocol"],
    ["EPROTO", "no secure connection"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "no secure connection"],
    ["ECONNREFUSED", "nobody listens"],
    ["EHOSTUNREACH", "cannot be reached"],
    ["ENETUNREACH", "cannot be reached"],
    ["ETIMEDOUT", "no answer in time"],
    ["UND_ERR_CONNECT_TIMEOUT", "no answer in time"],
    ["UND_ERR_HEADERS_TIMEOUT", "no answer in time"],
    ["ECONNRESET", "was cut"],
    ["UND_ERR_SOCKET", "was cut"],
    ["ESOMETHING", "no connection"],
  ])("describes %s, and names the host", (code, words) => {
    const { symptom, remedy } = describeNetworkFailure(nest(code), url);
    expect(symptom).toContain(words);
    expect(symptom).toContain("portal.example:8443");
    expect(symptom).toContain(`(${code})`);
    expect(`${symptom} ${remedy}`).not.toMatch(/secret|hidden|user/);
  });

  it("finds the code in the errors of several addresses, and in a timeout", () => {
    const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
    const all = new TypeError("fetch failed", { cause: new AggregateError([refused, refused]) });
    expect(describeNetworkFailure(all, url).symptom).toContain("nobody listens");
    expect(describeNetworkFailure(new DOMException("x", "TimeoutError"), url).symptom).toContain(
      "no answer in time",
    );
  });

  it("says only that there was no connection when the code is unknown", () => {
    expect(describeNetworkFailure(new TypeError("fetch failed"), url).symptom).toBe(
      "no connection with portal.example:8443 could be made",
    );
    expect(describeNetworkFailure("no error", url).symptom).toContain("no connection");
  });
});
