import { describe, expect, it } from "vitest";
import { noProgress } from "../../../functions/core/basics/stored-values.ts";
import {
  chooseAnswerForm,
  chooseEncoding,
  findRetryAfterSeconds,
  prefersPage,
  readPrefer,
} from "../../../functions/core/contract/http-headers.ts";

describe("a page is preferred", () => {
  it.each([
    ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", true],
    ["text/html", true],
    ["text/html;q=0.9, application/json;q=0.8", true],
    ["TEXT/HTML", true],
    ["text/html;charset=utf-8, */*;q=0.1", true],
    ["text/html;level=1, */*;q=0.1", false],
    [undefined, false],
    ["", false],
    ["*/*", false],
    ["application/json", false],
    ["application/json, text/html;q=0.5", false],
    ["application/json, text/html", false],
    ["text/html;q=0", false],
    ["text/html;q=0, */*", false],
    ["image/avif,image/webp,*/*;q=0.8", false],
    ["text", false],
    [",;q=,", false],
  ])("for `Accept: %s`: %s", (accept, expected) => {
    expect(prefersPage(accept)).toBe(expected);
  });
});

describe("the encoding", () => {
  it.each([
    [undefined, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "br"],
    ["*", "br"],
    ["gzip", "gzip"],
    ["br;q=0, *", "gzip"],
    ["br;q=0, gzip;q=0", "identity"],
    ["identity", "identity"],
    ["zstd", "identity"],
  ])("for %s is %s", (accept, expected) => {
    expect(chooseEncoding(accept)).toBe(expected);
  });
});

describe("the form of a permanent link's answer", () => {
  it.each([
    [undefined, "file"],
    ["", "file"],
    ["*/*", "file"],
    ["text/csv", "file"],
    ["image/gif, image/jpeg, application/x-ms-application, */*", "file"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "page"],
    ["text/html, */*;q=0.1", "page"],
    ["text/html;q=0.1, */*", "file"],
    ["application/json", "json"],
    ["application/json, text/plain, */*", "json"],
    ["application/json;q=0.5, text/html", "page"],
    ["nonsense;;;", "file"],
  ])("for %s is the %s", (accept, form) => {
    expect(chooseAnswerForm(accept)).toBe(form);
  });
});

describe("readPrefer", () => {
  it.each([
    [undefined, 25],
    ["wait=10", 10],
    ["WAIT = 10", 10],
    ['wait="10"', 10],
    ["wait=100", 25],
    ["wait=0", 0],
    ["respond-async", 0],
    ["wait=10; of=all", 10],
    ["return=minimal, wait=3, wait=4", 3],
    ["respond-async, wait=10", 0],
    ["wait=soon", 25],
    ["wait=-1", 25],
    ["wait", 25],
    ["", 25],
  ])("reads %j as %d seconds, with 25 as the default", (header, seconds) => {
    expect(readPrefer(header, 25)).toBe(seconds);
  });
});

describe("findRetryAfterSeconds", () => {
  const now = new Date("2026-11-22T12:00:00.000Z");

  it.each([
    [null, 2],
    ["2026-11-22T12:00:00.500Z", 2],
    ["2026-11-22T12:00:41.200Z", 42],
    ["2026-11-22T13:00:00.000Z", 60],
  ])("is the wait until %s, and at most a minute", (waitingUntil, seconds) => {
    expect(findRetryAfterSeconds({ ...noProgress, waitingUntil }, now)).toBe(seconds);
  });
});
