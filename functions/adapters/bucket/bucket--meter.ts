import { createHash } from "node:crypto";
import { Transform } from "node:stream";

/** What was written, measured as it went by. */
export type WrittenObject = { bytes: number; sha256: string };

export function createByteMeter(): { meter: Transform; written: () => WrittenObject } {
  const hash = createHash("sha256");
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { meter, written: () => ({ bytes, sha256: hash.digest("hex") }) };
}
