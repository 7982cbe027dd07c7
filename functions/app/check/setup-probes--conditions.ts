import { randomUUID } from "node:crypto";
import { S3ServiceException } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { CheckFault } from "../../core/check/setup-check.ts";
import { type WriteCondition, describeIgnoredCondition, describeRefusedCondition } from "../../core/check/setup-check--conditions.ts";
import { ExportError } from "../../core/basics/errors.ts";
import type { Bucket } from "../../adapters/bucket/bucket.ts";

const Probe = z.unknown();

/** What another check of the same moment may come between. */
const mostTries = 3;

/**
 * What the storage does wrong with conditional writes, or null: one that holds must be taken, one with a tag of
 * before and one over what is there must not. It takes four requests, two more the first time.
 */
export async function findConditionFault(bucket: Bucket, key: string): Promise<CheckFault | null> {
  const write = writeAt(bucket, key);
  let staleTag: string | null = null;
  let refused: CheckFault | null = null;
  for (let tries = 1; tries <= mostTries && staleTag === null; tries += 1) {
    const known = await bucket.readTagged(key, Probe);
    const taken = await write(known?.tag ?? null);
    if (taken === true && known !== null) staleTag = known.tag;
    if (taken !== true) refused = describeRefusedCondition(nameCondition(known?.tag ?? null), taken);
  }
  if (staleTag === null) return refused;
  if ((await write(staleTag)) === true) return describeIgnoredCondition("If-Match");
  return (await write(null)) === true ? describeIgnoredCondition("If-None-Match") : null;
}

const nameCondition = (tag: string | null): WriteCondition => (tag === null ? "If-None-Match" : "If-Match");

/** Of what is written each time is another, so each write has a tag of its own. */
function writeAt(bucket: Bucket, key: string) {
  return async (tag: string | null): Promise<true | string> => {
    try {
      return (await bucket.replaceJson(key, { probe: randomUUID() }, tag)) || "answered 412";
    } catch (error) {
      const answer = findRefusal(error);
      if (answer === null) throw error;
      return answer;
    }
  };
}

/** The statuses by which a server says that it does not know a header. */
const unknownStatuses = new Set([400, 405, 501]);

/** What the storage answered to a conditional write that it does not know as such; null for any other failure. */
export function findRefusal(error: unknown): string | null {
  const cause = error instanceof ExportError ? error.cause : null;
  if (!(cause instanceof S3ServiceException)) return null;
  const { httpStatusCode: status = 0 } = cause.$metadata;
  return unknownStatuses.has(status) ? `answered ${status} ${cause.name}` : null;
}
