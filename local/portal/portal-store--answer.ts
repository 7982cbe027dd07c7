export type Scope = "offers.read" | "offers.write" | "customers.read" | "webhooks.read" | "webhooks.write";

export type Answer = { status: number; body: unknown };

export function refuse(status: number, message: string): Answer {
  return { status, body: { code: status, message } };
}
