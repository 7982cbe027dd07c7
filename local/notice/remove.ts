import { noticeTypes } from "../../functions/core/notice/notice.ts";
import type { Hook, Hooks } from "./hooks.ts";

export type Removed = { removed: Hook[]; left: Hook[] };

/** Removes what is registered there, as far as the portal lets it. */
export async function removeHooks(
  { list, remove }: Hooks,
  locate: (type: string) => string,
): Promise<Removed> {
  const urls = new Set(noticeTypes.map(locate));
  const listOurs = async () => (await list()).filter(({ url }) => urls.has(url));
  const found = await listOurs();
  for (const { id } of found) await remove(id);
  const left = found.length === 0 ? [] : await listOurs();
  const ids = new Set(left.map(({ id }) => id));
  return { removed: found.filter(({ id }) => !ids.has(id)), left };
}
