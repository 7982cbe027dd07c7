import { S3Error } from "./s3rver.ts";

/** An error that the caller gets to see; s3rver knows the status of S3's codes. */
export function refuse(code: string, message: string) {
  return new S3Error(code, message);
}

// what a caller that hangs up leaves behind
const goneCode = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/;

export function reportFailure(error: Error & { code?: string }): void {
  if (error instanceof S3Error || goneCode.test(error.code ?? "")) return;
  console.error(`s3: ${error.name}: ${error.message}`);
}
