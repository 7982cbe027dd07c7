import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { refuse } from "./s3rver--error.ts";

/** aws-chunked: sizes in hexadecimal before each chunk, trailers after the last, an empty one. */
export async function* readChunks(request: IncomingMessage, trailers: IncomingHttpHeaders) {
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
