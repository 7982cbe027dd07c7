export type Pair = [name: string, value: string];

/** Unlike URLSearchParams, leaves a + as it is. */
export function parseQuery(url: string): Pair[] {
  const pairs = url.replace(/^[^?]*\??/, "").split("&");
  return pairs.filter(Boolean).map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [decode(name), decode(value.join("="))];
  });
}

export function encodeQuery(query: Pair[]): string {
  return query.map((pair) => pair.map(encode).join("=")).join("&");
}

/** Escapes all that RFC 3986 reserves, as signatures want it. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** In the order of their UTF-8 bytes, which is S3's. */
export function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
