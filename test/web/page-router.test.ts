import { expect, it } from "vitest";
import { readPageRoute } from "../../functions/web/page-router.ts";

const place = (pathname: string) => readPageRoute({ pathname, search: "" }).name;

it("leads home from the addresses whose answer the start page shows", () => {
  for (const path of ["/", "/exports", "/exports/", "/shares", "/check"]) expect(place(path)).toBe("home");
});

it("knows no other address than those of an export, its file and a permanent link", () => {
  for (const path of ["/exports/one", "/exports/one/file", "/s/token"])
    expect(place(path)).not.toBe("unknown");
  for (const path of ["/s", "/shares/one", "/check/one", "/exports/one/other", "/exports/one/file/more"])
    expect(place(path)).toBe("unknown");
});
