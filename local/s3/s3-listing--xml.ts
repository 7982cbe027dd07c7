export type Xml = string | number | boolean | undefined | Xml[] | { [name: string]: Xml };

/** A list is written as repeated elements, nothing as none. */
export function writeXml(name: string, value: Xml): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => writeXml(name, item)).join("");
  return `<${name}>${writeContent(value)}</${name}>`;
}

function writeContent(value: Exclude<Xml, undefined | Xml[]>): string {
  if (typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, inner]) => writeXml(name, inner))
    .join("");
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
