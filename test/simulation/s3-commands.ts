import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Answer, S3Refusal, S3Request, StoredHeaders } from "./s3-objects.ts";

// The SDK's commands and responses on one side, the simulated S3's requests and answers on the other.

const maxListed = 1000;

/** Reads a command of the SDK. Copies the body, because the sender may reuse its buffer. */
export function readCommand(command: unknown): S3Request {
  if (command instanceof GetObjectCommand) return { kind: "get", key: requireText(command.input.Key) };
  if (command instanceof HeadObjectCommand) return { kind: "head", key: requireText(command.input.Key) };
  if (command instanceof DeleteObjectCommand) return { kind: "delete", key: requireText(command.input.Key) };
  if (command instanceof PutObjectCommand) {
    const { input } = command;
    const condition = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
    return {
      kind: "put",
      key: requireText(input.Key),
      body: copyBody(input.Body),
      headers: readHeaders(input),
      condition,
    };
  }
  if (command instanceof ListObjectsV2Command) {
    const { Prefix: prefix = "", StartAfter: startAfter = "", MaxKeys = maxListed } = command.input;
    return { kind: "list", prefix, startAfter, maxKeys: Math.min(MaxKeys, maxListed) };
  }
  if (command instanceof CreateMultipartUploadCommand)
    return {
      kind: "create-upload",
      key: requireText(command.input.Key),
      headers: readHeaders(command.input),
    };
  if (command instanceof UploadPartCommand) {
    const { Key, UploadId, PartNumber: part = 0, Body } = command.input;
    return {
      kind: "upload-part",
      key: requireText(Key),
      uploadId: requireText(UploadId),
      part,
      body: copyBody(Body),
    };
  }
  if (command instanceof CompleteMultipartUploadCommand) {
    const { Key, UploadId, MultipartUpload, IfMatch: ifMatch, IfNoneMatch: ifNoneMatch } = command.input;
    const parts = (MultipartUpload?.Parts ?? []).map(({ PartNumber = 0, ETag = "" }) => ({
      part: PartNumber,
      etag: ETag,
    }));
    const condition = { ifMatch, ifNoneMatch };
    return {
      kind: "complete-upload",
      key: requireText(Key),
      uploadId: requireText(UploadId),
      parts,
      condition,
    };
  }
  if (command instanceof AbortMultipartUploadCommand) {
    const { Key, UploadId } = command.input;
    return { kind: "abort-upload", key: requireText(Key), uploadId: requireText(UploadId) };
  }
  throw new Error("The simulated S3 does not know this command.");
}

function requireText(text: string | undefined): string {
  if (text === undefined || text === "") throw new Error("The command names no object.");
  return text;
}

function readHeaders(input: {
  ContentType?: string | undefined;
  ContentDisposition?: string | undefined;
  CacheControl?: string | undefined;
}): StoredHeaders {
  const {
    ContentType: contentType,
    ContentDisposition: contentDisposition,
    CacheControl: cacheControl,
  } = input;
  return { contentType, contentDisposition, cacheControl };
}

function copyBody(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  throw new Error("The simulated S3 takes texts and bytes only.");
}

/** Makes the SDK's response. With `isCut` the object's bytes end early, and reading them fails. */
export function makeResponse(answer: Exclude<S3Answer, S3Refusal>, isCut = false): object {
  switch (answer.kind) {
    case "done":
    case "part":
      return { ...metadata, ETag: answer.etag ?? undefined };
    case "upload":
      return { ...metadata, UploadId: answer.uploadId };
    case "keys":
      return { ...metadata, Contents: answer.keys.map((Key) => ({ Key })), IsTruncated: answer.isTruncated };
    case "object": {
      const { body, etag: ETag, headers, modifiedMs } = answer.object;
      const transformToByteArray = async () => {
        if (isCut) throw connectionError("aborted");
        // The SDK returns plain bytes, and no Buffer.
        return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
      };
      return {
        ...metadata,
        Body: { transformToByteArray },
        ETag,
        ContentLength: body.length,
        ContentType: headers.contentType,
        ContentDisposition: headers.contentDisposition,
        LastModified: new Date(modifiedMs),
      };
    }
  }
}

const metadata = { $metadata: { httpStatusCode: 200 } };

export function makeServiceError(status: number, name: string): S3ServiceException {
  const $fault = status < 500 ? "client" : "server";
  return new S3ServiceException({ name, $fault, message: name, $metadata: { httpStatusCode: status } });
}

export function connectionError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

export function timeoutError(): Error {
  return Object.assign(new Error("no response in time"), { name: "TimeoutError" });
}
