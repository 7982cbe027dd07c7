import { describe, expect, it } from "vitest";
import { chooseForm } from "../../functions/core/accept.ts";

describe("chooseForm", () => {
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
  ])("takes who accepts %j for one who wants the %s", (accept, form) => {
    expect(chooseForm(accept)).toBe(form);
  });
});
