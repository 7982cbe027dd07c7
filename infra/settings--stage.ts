import { removable } from "./settings.ts";

/** Whether the stage holds what nobody may lose; every other stage can be taken away whole. */
export function isPermanent(stage: string) {
  return stage === "production" && !removable;
}
