import type { Item, List, StoredWebhook, WebhookType } from "./portal-store.ts";

const timeoutMs = 10_000;

/** Opens a sender of events about offers. It sends each event once to the registered addresses, without retries. */
export function openPortalWebhookSender(listWebhooks: () => readonly StoredWebhook[]) {
  const running = new Set<Promise<unknown>>();

  function sendEvent(type: WebhookType, { id }: Item): void {
    for (const webhook of listWebhooks().filter((one) => one.type === type)) {
      const sent = send(webhook, id).finally(() => running.delete(sent));
      running.add(sent);
    }
  }

  /** Resolves when no call of a webhook is running. */
  async function settle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return { sendEvent, settle };
}

/** Calls a webhook. The payload is an assumption, because the payload of the real portal is not documented. */
async function send({ type, url, secret }: StoredWebhook, id: string): Promise<void> {
  const headers = { "content-type": "application/json", "x-webhook-signature": secret };
  const body = JSON.stringify({ event: type, data: { id } });
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
  await answer.then((response) => response.arrayBuffer()).catch(() => undefined);
}

/** Wraps a list of offers so that each creation, deletion and decision of an offer sends an event. */
export function sendChanges(list: List, sendEvent: (type: WebhookType, offer: Item) => void): List {
  return {
    ...list,
    insert(item, index) {
      list.insert(item, index);
      sendEvent("offer-created", item);
    },
    remove(id) {
      list.remove(id);
      sendEvent("offer-deleted", { id });
    },
    replace(item) {
      const before = list.find(item.id);
      list.replace(item);
      for (const [field, type] of decisions)
        if (item[field] != null && item[field] !== before?.[field]) sendEvent(type, item);
    },
  };
}

const decisions = [
  ["acceptedAt", "offer-accepted"],
  ["rejectedAt", "offer-rejected"],
] as const;
