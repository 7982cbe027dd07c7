import type { Change } from "../../core/basics/stored-values--change.ts";
import { registerKey } from "../../core/basics/bucket-keys.ts";
import { emptyRegister, Register } from "../../core/snapshot/crawl-registry.ts";
import { hashPortal } from "../../adapters/bucket/key-hashes.ts";
import type { Store } from "../context.ts";

/** One that another version wrote in another shape is begun anew. */
const Stored = Register.catch(emptyRegister);

export async function readRegister({ bucket, config }: Store): Promise<Register> {
  return (await bucket.readJson(registerKey(hashPortal(config)), Stored)) ?? emptyRegister;
}

/**
 * Changes the register as if nobody else did: S3 takes each write only over the very register that was read,
 * so of two that claim the crawl at once the second one sees the first one's claim.
 */
export async function changeRegister<A>(
  { bucket, config }: Store,
  change: (register: Register) => Change<Register, A>,
): Promise<A> {
  return await bucket.update(registerKey(hashPortal(config)), Stored, (before) =>
    change(before ?? emptyRegister),
  );
}
