import { isNoticeSecret, noticeTypes } from "../../functions/core/notice/notice.ts";
import type { Hook, Hooks } from "./hooks.ts";

export type Registered = { added: string[]; secrets: { type: string; secret: string }[] };

/** Registers what is not registered there yet. Gives the secrets of all: one registered twice has two. */
export async function registerHooks(
  { list, add }: Hooks,
  locate: (type: string) => string,
): Promise<Registered> {
  const known = await list();
  const added: string[] = [];
  const secrets: Registered["secrets"] = [];
  for (const type of noticeTypes) {
    const url = locate(type);
    const there = known.filter((hook) => hook.type === type && hook.url === url);
    if (there.length === 0) {
      there.push(await add({ url, type }));
      added.push(type);
    }
    secrets.push(...there.map((hook) => ({ type, secret: readSecret(hook) })));
  }
  return { added, secrets };
}

function readSecret({ id, secret, type }: Hook): string {
  if (secret != null && isNoticeSecret(secret)) return secret;
  throw new Error(
    `the portal tells no usable secret of ${type} (${id}): remove the webhooks and register them anew`,
  );
}
