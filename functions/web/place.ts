/** What the address asks for; the page is served at each of them. */
export type Place =
  | { name: "home" }
  | { name: "request"; query: string }
  | { name: "export"; id: string }
  | { name: "file"; id: string }
  | { name: "share"; token: string }
  | { name: "unknown" };

export function readPlace({ pathname, search }: Pick<URL, "pathname" | "search">): Place {
  const [first = "", second = "", third = "", ...rest] = pathname.replace(/\/$/, "").split("/").slice(1);
  if (rest.length > 0) return { name: "unknown" };
  if (first === "") return { name: "home" };
  if (first === "export" && second === "") return { name: "request", query: search };
  if (first === "s" && second !== "" && third === "") return { name: "share", token: second };
  if (first !== "exports") return { name: "unknown" };
  if (second === "") return { name: "home" };
  if (third === "") return { name: "export", id: second };
  return third === "file" ? { name: "file", id: second } : { name: "unknown" };
}
