/**
 * The routes of the page. The function URL serves the same document at the address of each route, and the script shows
 * the view that belongs to the address.
 */
export type PageRoute =
  | { name: "home" }
  | { name: "request"; query: string }
  | { name: "export"; id: string }
  | { name: "file"; id: string }
  | { name: "share"; token: string }
  | { name: "unknown" };

/**
 * The paths at which a browser gets the start page: `/`, and three routes of the API whose data the start page shows.
 */
const homePaths = new Set(["", "exports", "shares", "check"]);

export function readPageRoute({ pathname, search }: Pick<URL, "pathname" | "search">): PageRoute {
  const [first = "", second = "", third = "", ...rest] = pathname.replace(/\/$/, "").split("/").slice(1);
  if (rest.length > 0) return { name: "unknown" };
  if (first === "export" && second === "") return { name: "request", query: search };
  if (first === "s" && second !== "" && third === "") return { name: "share", token: second };
  if (second === "" && homePaths.has(first)) return { name: "home" };
  if (first !== "exports") return { name: "unknown" };
  if (third === "") return { name: "export", id: second };
  return third === "file" ? { name: "file", id: second } : { name: "unknown" };
}
