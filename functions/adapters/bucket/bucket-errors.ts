import { S3ServiceException } from "@aws-sdk/client-s3";
import { ExportError } from "../../core/basics/errors.ts";

/** Whether S3 says that there is no such object; no such bucket is another matter. */
export function isMissingObject(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    error.$metadata.httpStatusCode === 404 &&
    error.name !== "NoSuchBucket"
  );
}

/**
 * Whether a conditional write came too late: the condition did not hold (412), another such write was under
 * way (409), or what it was to replace is gone (404).
 */
export function isWriteConflict(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const { httpStatusCode: status } = error.$metadata;
  return (
    status === 412 ||
    (status === 409 && error.name === "ConditionalRequestConflict") ||
    isMissingObject(error)
  );
}

/** What a caller is told when S3 did not do as it was asked. */
export function describeStorageError(error: unknown): ExportError {
  const answer = error instanceof S3ServiceException ? `answered ${error.name}` : "gave no answer";
  const remedy =
    "Try again; if it stays so, check that the bucket exists and that this function may read and write it (with " +
    "S3_ENDPOINT: the address, the keys and REPORT_BUCKET).";
  return new ExportError("storage", "storage_failed", `The storage of snapshots and files ${answer}.`, {
    remedy,
    cause: error,
  });
}

/** What a caller is told when no condition of so many writes held. */
export function describeWriteConflict(tries: number): ExportError {
  const detail = `The storage of snapshots and files refused ${tries} writes in a row, as if others had come between.`;
  const remedy = "Try again; if it stays so, see whether `GET /check` finds fault with the bucket.";
  return new ExportError("storage", "storage_failed", detail, { remedy });
}
