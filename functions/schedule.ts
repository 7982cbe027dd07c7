import { readStarterConfig } from "./io/config.ts";
import { readSchedules } from "./io/plan.ts";
import { openWorkflow } from "./io/workflow.ts";
import { openWorld } from "./io/world.ts";
import { createTick, createWatch } from "./tick.ts";

const config = readStarterConfig(process.env);
const planner = {
  world: openWorld(config),
  workflow: openWorkflow(config.workflow),
  schedules: readSchedules(process.env),
};

/** What EventBridge Scheduler invokes at each tick; a missing or malformed setting stops it at its start. */
export const tick = createTick(planner);

/** What it invokes every hour. */
export const watch = createWatch(planner);
