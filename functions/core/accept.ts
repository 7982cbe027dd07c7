import Negotiator from "negotiator";

/** Whether a client would rather have a page than JSON; one that takes anything is a program. */
export function prefersPage(accept: string | undefined): boolean {
  const types = ["application/json", "text/html"];
  return new Negotiator({ headers: { accept } }).mediaType(types) === "text/html";
}

export type Encoding = "br" | "gzip" | "identity";

/** The smallest that the client takes. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": acceptEncoding } });
  const taken = negotiator.encodings(["br", "gzip"]);
  if (taken.includes("br")) return "br";
  return taken.includes("gzip") ? "gzip" : "identity";
}
