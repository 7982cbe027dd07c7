import Negotiator from "negotiator";

const page = "text/html;charset=utf-8";

/** Whether a client would rather have a page than JSON; one that takes anything is a program. */
export function prefersPage(accept: string | undefined): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(["application/json", page]) === page;
}

export type AnswerForm = "file" | "page" | "json";

/** The first is for who takes anything. */
const forms = new Map<string, AnswerForm>([
  ["application/octet-stream", "file"],
  ["text/html", "page"],
  ["application/json", "json"],
]);

/** What a permanent link gives: a page to a browser, JSON to who asks for it, the file to all others. */
export function chooseAnswerForm(accept: string | undefined): AnswerForm {
  const type = new Negotiator({ headers: { accept } }).mediaType([...forms.keys()]);
  return forms.get(type ?? "") ?? "file";
}

export type ContentEncoding = "br" | "gzip" | "identity";

/** The smallest that the client takes. */
export function chooseEncoding(acceptEncoding: string | undefined): ContentEncoding {
  const negotiator = new Negotiator({ headers: { "accept-encoding": acceptEncoding } });
  const taken = negotiator.encodings(["br", "gzip"]);
  if (taken.includes("br")) return "br";
  return taken.includes("gzip") ? "gzip" : "identity";
}
