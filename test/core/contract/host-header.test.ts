import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExportError } from "../../../functions/core/basics/errors.ts";
import { requireOrigin } from "../../../functions/core/contract/http-headers.ts";

const refusal = {
  kind: "invalid",
  code: "invalid_parameters",
  errors: [{ parameter: "Host", detail: expect.any(String) }],
};

function attempt(host: string): unknown {
  try {
    return requireOrigin("http", host);
  } catch (error) {
    return error;
  }
}

describe("the origin of a host", () => {
  it.each([
    "localhost",
    "localhost:8787",
    "127.0.0.1:8787",
    "[::1]:8787",
    "[2001:db8::1]",
    "abc.lambda-url.eu-central-1.on.aws",
    "exports.example.",
    "my_stack:1",
    "xn--bcher-kva.example",
    "EXPORTS.example:65535",
    `${"a".repeat(63)}.example`,
  ])("is a URL's: %s", (host) => {
    expect(requireOrigin("http", host)).toBe(`http://${host.toLowerCase()}`);
    expect(URL.canParse("/s/token", requireOrigin("https", host))).toBe(true);
  });

  it.each([
    "",
    " ",
    "a b",
    " localhost",
    "localhost ",
    "localhost/path",
    "localhost?query",
    "localhost#fragment",
    "localhost\\path",
    "user@localhost",
    "user:password@localhost",
    "http://localhost",
    "//localhost",
    "[",
    "]",
    "[]",
    "[::1",
    "::1",
    "[localhost]",
    "[::1%25eth0]",
    "[1.2.3.4]",
    "localhost:",
    ":8787",
    "localhost:0",
    "localhost:65536",
    "localhost:99999",
    "localhost:808080",
    "localhost:-1",
    "localhost:x",
    "localhost:80:80",
    "localhost,other",
    "one.example, other.example",
    ".",
    "..",
    ".example",
    "a..example",
    "-a.example",
    "a-.example",
    "256.256.256.256",
    "1.2.3.4.5",
    "127.1",
    "0x7f.1",
    "2130706433",
    "bücher.example",
    "ÃƒÂ©.example",
    "exa\u00admple",
    "%6cocalhost",
    "local%00host",
    "local\0host",
    "local\thost",
    "<script>",
    "a'b",
    'a"b',
    "a*b",
    "a$b",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}example`,
    "a".repeat(100_000),
  ])("is refused for an invalid host: %j", (host) => {
    expect(attempt(host)).toMatchObject(refusal);
  });

  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.webAuthority({ withUserInfo: true, withPort: true }),
  );

  it("holds nothing but the host, whatever the host is", () => {
    const isSound = (text: string) => {
      const origin = attempt(text);
      if (typeof origin !== "string") return origin instanceof ExportError && origin.kind === "invalid";
      const { username, password, pathname, search, hostname } = new URL("/s/token", origin);
      const isNamed = text.startsWith("[") || text.toLowerCase().startsWith(hostname);
      return isNamed && pathname === "/s/token" && username + password + search === "";
    };
    const property = fc.property(anything, (text) => {
      expect(isSound(text)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
