import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { refuse } from "./s3rver-parts.ts";

/** Returns a stream of the bytes to store. Reading the stream throws when the bytes do not match their checksums. */
export function openBody(request: IncomingMessage): Readable {
  const { "x-amz-content-sha256": digest = "", "content-encoding": coding } = request.headers;
  if (digest === "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    request.headers["content-encoding"] = coding?.replace(/aws-chunked,?\s*/, "") || undefined;
    const trailers: IncomingHttpHeaders = {};
    return Readable.from(checkBody(readChunks(request, trailers), trailers), { objectMode: false });
  }
  if (digest.toString().startsWith("STREAMING-"))
    throw refuse("NotImplemented", "Signed chunks are not read");
  return Readable.from(checkBody(request, request.headers), { objectMode: false });
}

async function* checkBody(pieces: AsyncIterable<Buffer>, sums: IncomingHttpHeaders) {
  const sha256 = createHash("sha256");
  let crc = 0;
  for await (const piece of pieces) {
    sha256.update(piece);
    crc = crc32(piece, crc);
    yield piece;
  }
  // Reads the checksums last, because trailers with checksums come after the body.
  const { "x-amz-content-sha256": digest = "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": sum } = sums;
  if (digest !== "UNSIGNED-PAYLOAD" && digest !== sha256.digest("hex")) {
    const mismatch = refuse("XAmzContentSHA256Mismatch", "The body is not the one that was signed.");
    throw Object.assign(mismatch, { status: 400 }); // s3rver knows no status for this code
  }
  if (sum !== undefined && sum !== formatCrc(crc)) throw refuse("BadDigest", "The CRC32 does not match.");
}

function formatCrc(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString("base64");
}

/** Decodes the aws-chunked format: a hexadecimal size before each chunk, an empty last chunk, then trailers. */
async function* readChunks(request: IncomingMessage, trailers: IncomingHttpHeaders) {
  const source: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  const readMore = async () => {
    const piece = await source.next();
    if (piece.done === true) throw refuse("IncompleteBody", "The body ended too soon.");
    rest = Buffer.concat([rest, piece.value]);
  };
  const readLine = async () => {
    while (!rest.includes("\r\n")) await readMore();
    const line = rest.toString("latin1", 0, rest.indexOf("\r\n"));
    rest = rest.subarray(line.length + 2);
    return line;
  };
  const readSize = async () => Number.parseInt(await readLine(), 16);

  for (let left = await readSize(); left !== 0; left = await readSize()) {
    if (!(left > 0)) throw refuse("IncompleteBody", "A chunk has no size.");
    while (left > 0) {
      if (rest.length === 0) await readMore();
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
    await readLine();
  }
  for (let line = await readLine(); line !== ""; line = await readLine()) {
    const [name = "", ...value] = line.split(":");
    trailers[name.trim().toLowerCase()] = value.join(":").trim();
  }
  await source.next();
}
