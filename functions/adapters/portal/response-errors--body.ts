/** A body as text, by its byte order mark or the charset of its content type; what that does not know is UTF-8. */
export function decodeBody(bytes: Uint8Array, contentType: string | null): string {
  return new TextDecoder(findMark(bytes) ?? findCharset(contentType)).decode(bytes);
}

const marks = [
  { label: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { label: "utf-16be", bytes: [0xfe, 0xff] },
  { label: "utf-16le", bytes: [0xff, 0xfe] },
];

function findMark(bytes: Uint8Array): string | null {
  return marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))?.label ?? null;
}

function findCharset(contentType: string | null): string {
  const [, quoted, bare] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(contentType ?? "") ?? [];
  const label = quoted ?? bare ?? "utf-8";
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return "utf-8";
  }
}

/** A content type without its parameters, as it may be told. */
export function nameType(contentType: string | null): string {
  return (
    /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(contentType?.trim() ?? "")?.[0].toLowerCase() ?? "no content type"
  );
}
