import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { ExportError } from "../../core/basics/errors.ts";
import type { StorageLocation } from "../settings/settings.ts";

export type BucketTimeouts = { connectionMs: number; requestMs: number };

/**
 * The timeouts of each of the SDK's three attempts. They are long enough to upload a part of 5 MB, which takes seconds.
 */
const defaultTimeouts: BucketTimeouts = { connectionMs: 5_000, requestMs: 30_000 };

export function createS3Client(
  { region, endpoint, credentials }: StorageLocation,
  { connectionMs, requestMs } = defaultTimeouts,
): S3Client {
  return new S3Client({
    region,
    requestHandler: {
      connectionTimeout: connectionMs,
      requestTimeout: requestMs,
      socketTimeout: requestMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    ...(credentials !== null && { credentials }),
  });
}

/** True when S3 answers that the object does not exist. False when the bucket itself is missing. */
export function isMissingObject(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    error.$metadata.httpStatusCode === 404 &&
    error.name !== "NoSuchBucket"
  );
}

/**
 * True when a conditional write was refused because of another write: the condition did not hold (412), another
 * conditional write was in progress (409), or the object to replace no longer exists (404).
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

/** The HTTP statuses by which a server shows that it does not support conditional writes. */
const unknownStatuses = new Set([400, 405, 501]);

/**
 * Describes the response when the error shows that the storage does not support conditional writes. Returns null for
 * any other error.
 */
export function describeUnsupportedCondition(error: unknown): string | null {
  const cause = error instanceof ExportError ? error.cause : null;
  if (!(cause instanceof S3ServiceException)) return null;
  const { httpStatusCode: status = 0 } = cause.$metadata;
  return unknownStatuses.has(status) ? `answered ${status} ${cause.name}` : null;
}

/** Returns the response. Throws an ExportError of the kind `storage` when the request fails. */
export async function requireResponse<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw describeStorageError(error);
  }
}

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

/** Returns the error that callers see when all tries of a conditional write were refused because of other writes. */
export function describeWriteConflict(tries: number): ExportError {
  const detail = `The storage of snapshots and files refused ${tries} writes in a row, as if others had come between.`;
  const remedy = "Try again; if it stays so, see whether `GET /check` finds fault with the bucket.";
  return new ExportError("storage", "storage_failed", detail, { remedy });
}
