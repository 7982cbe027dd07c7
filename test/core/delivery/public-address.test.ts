import { expect, it } from "vitest";
import { isPublicAddress, readIpAddress } from "../../../functions/core/delivery/public-address.ts";

/** Addresses that are not public, grouped by their purpose in IANA's registries, and texts that are not addresses. */
const within = {
  unspecified: ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.255", "::1"],
  private: ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"],
  "link-local, with the metadata of a machine": ["169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0"],
  "a carrier's": ["100.64.0.1", "100.127.255.255"],
  "protocols' own": ["192.0.0.1", "192.0.0.192", "192.88.99.1"],
  documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  benchmarks: ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
  reserved: ["240.0.0.1", "255.255.255.255", "4000::1", "100::1", "5f00::1"],
  "unique local, with AWS's own": ["fc00::1", "fd00::1", "fd00:ec2::254"],
  "site-local": ["fec0::1"],
  "IPv4 mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:8.8.8.8"],
  "IPv4 compatible": ["::127.0.0.1", "::7f00:1", "::10.0.0.1"],
  "IPv4 translated": ["::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1"],
  "6to4 and Teredo": ["2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::"],
  "no address": [
    "",
    "localhost",
    "hooks.example",
    "1.2.3",
    "16843009",
    "0x1.1.1.1",
    "010.1.1.1",
    "1.2.3.4.5",
    ":::",
  ],
};

it.each(Object.entries(within))("an address is not public when it is %s", (_, addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});

it.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "169.253.255.255",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:400e:80e::200e",
])("an address on the internet is public: %s", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

it.each([
  ["https://[::1]:4000/", "::1"],
  ["https://0177.0.0.1/", "127.0.0.1"],
  ["https://127.1/", "127.0.0.1"],
  ["https://１２７.0.0.1/", "127.0.0.1"],
  ["https://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
  ["https://localhost/", null],
  ["https://127.0.0.1.example/", null],
])("the address in %s is %s", (url, address) => {
  expect(readIpAddress(new URL(url).hostname)).toBe(address);
});
