import { createFront } from "../../../functions/api/front.ts";
import { createApi } from "../../../functions/api/router.ts";
import type { LambdaInvocation } from "../../../functions/adapters/log/log.ts";
import type { HttpConfig } from "../../../functions/adapters/settings/settings.ts";
import { createBounceHandler } from "../../../functions/app/delivery/mail-bounces.ts";
import {
  createTickHandler,
  createWatchHandler,
  type ScheduleContext,
} from "../../../functions/app/schedule/scheduled-reports.ts";
import { noPortalWebhookSecrets } from "../../../functions/core/portal-webhooks/portal-webhook.ts";
import type { Schedule } from "../../../functions/core/schedule/schedules.ts";
import type { DurableEngine } from "../lambda/durable-engine.ts";
import type { FaultSource } from "../faults/fault-source.ts";
import { functionLimits } from "../lambda/function-settings.ts";
import type { HistoryTrace } from "../time/history-trace.ts";
import type { ServiceProcesses } from "./service-processes.ts";
import { openSimulatedFunction } from "../lambda/simulated-function.ts";
import type { SimulatedProcess } from "../time/simulated-process.ts";
import { openSimulatedWorkflow } from "../lambda/simulated-workflow.ts";
import type { VirtualClock } from "../time/virtual-clock.ts";
import type { worldRates } from "./world-settings.ts";

export type FunctionSettings = {
  clock: VirtualClock;
  faults: FaultSource;
  trace: HistoryTrace;
  /** Null when nothing goes wrong. */
  rates: typeof worldRates | null;
  config: HttpConfig;
  schedules: Schedule[];
  engine: DurableEngine;
  processes: ServiceProcesses;
};

type ScheduledHandler<R> = (event: unknown, invocation: LambdaInvocation) => Promise<R>;

/** Opens the functions of the service but the workflow's: each environment is a process with the real handler. */
export function openServiceFunctions(settings: FunctionSettings) {
  const { clock, faults, trace, rates, config, schedules, engine, processes } = settings;
  const { openProcess, logged } = processes;
  const common = { clock, faults, trace };
  const openStarter = (process: SimulatedProcess) =>
    openSimulatedWorkflow({ ...common, engine, rates: rates?.start ?? {} }, process);

  const web = { readDocument: async () => Buffer.from("<html>"), readAsset: async () => null };
  const openHttp = (name: string) => {
    const { process, app } = openProcess(name);
    const handle = createFront({
      accessTokens: config.accessTokens,
      noticeSecrets: noPortalWebhookSecrets,
      web,
      loadApi: async () => createApi({ app, workflow: openStarter(process), web }),
    });
    return { process, handler: logged(handle) };
  };
  const openScheduled =
    <R>(create: (context: ScheduleContext) => ScheduledHandler<R>) =>
    (name: string) => {
      const { process, app } = openProcess(name);
      return { process, handler: logged(create({ app, workflow: openStarter(process), schedules })) };
    };
  const openBounce = (name: string) => {
    const { process, app } = openProcess(name);
    return { process, handler: logged(createBounceHandler(app)) };
  };

  const given = { ...common, rates: rates?.function ?? {}, queueRates: rates?.queue ?? {} };
  const { http, tick, watch, bounce } = functionLimits;
  const callRates = rates?.call ?? {};
  return {
    http: openSimulatedFunction({ ...given, ...http, name: "http", callRates, open: openHttp }),
    tick: openSimulatedFunction({
      ...given,
      ...tick,
      name: "tick",
      open: openScheduled(createTickHandler),
    }),
    watch: openSimulatedFunction({
      ...given,
      ...watch,
      name: "watch",
      open: openScheduled(createWatchHandler),
    }),
    bounce: openSimulatedFunction({ ...given, ...bounce, name: "bounce", open: openBounce }),
  };
}
