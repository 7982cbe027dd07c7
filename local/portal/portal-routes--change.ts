import * as z from "zod";
import { type Answer, refuse, type Scope } from "./portal-store--answer.ts";
import { WebhookRequest, makeStoredWebhook } from "./portal-store--hook.ts";
import type { PortalStore } from "./portal-store--shop.ts";

type Asked = { id: string; body: unknown };

type Change = { scope: Scope; isOfOne: boolean; act: (shop: PortalStore, asked: Asked) => Answer };

const moment = z.iso.datetime({ offset: true }).nullish();
const Decision = z.object({ acceptedAt: moment, rejectedAt: moment });

const wrong = refuse(422, "The given data was invalid.");
const missing = refuse(404, "Not found.");

/** By method and resource, with an id or without. */
const changes = new Map<string, Change>([
  [
    "PATCH customer-offers",
    {
      scope: "offers.write",
      isOfOne: true,
      act({ offers }, { id, body }) {
        const offer = offers.find(id);
        if (offer === undefined) return missing;
        const decision = Decision.safeParse(body);
        if (!decision.success) return wrong;
        offers.replace({ ...offer, ...decision.data });
        return { status: 200, body: offers.find(id) };
      },
    },
  ],
  [
    "POST webhooks",
    {
      scope: "webhooks.write",
      isOfOne: false,
      act({ hooks, now }, { body }) {
        const asked = WebhookRequest.safeParse(body);
        if (!asked.success) return wrong;
        const hook = makeStoredWebhook(asked.data, now());
        hooks.push(hook);
        return { status: 201, body: hook };
      },
    },
  ],
  [
    "DELETE webhooks",
    {
      scope: "webhooks.write",
      isOfOne: true,
      act({ hooks }, { id }) {
        const index = hooks.findIndex((hook) => hook.id === id);
        if (index < 0) return missing;
        hooks.splice(index, 1);
        return { status: 200, body: {} };
      },
    },
  ],
]);

/** Null when there is no such change. */
export function findChange(method: string, resource: string, id: string | undefined): Change | null {
  const change = changes.get(`${method} ${resource}`);
  return change?.isOfOne === (id !== undefined) ? change : null;
}
