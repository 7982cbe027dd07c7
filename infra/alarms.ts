import { raiseAlarm, raiseMetricAlarm, raiseFunctionAlarm } from "./create-alarm.ts";
import { workflow } from "./export.ts";
import { mailing } from "./mail.ts";
import { http } from "./http.ts";

/** The alarms that do not concern schedules. infra/schedules.ts has the alarms about schedules. */
export const alarms = [
  raiseMetricAlarm("ExportFailed", {
    alarmDescription: "An export ended with a problem: the portal's, the storage's or a bug.",
    metric: "ExportsFailed",
  }),
  raiseAlarm("ExecutionFailed", {
    alarmDescription:
      "An execution of the workflow failed, and could not even write its export down as failed.",
    namespace: "AWS/Lambda",
    metricName: "DurableExecutionFailed",
    dimensions: { FunctionName: workflow.name },
    statistic: "Sum",
    period: 300,
    treatMissingData: "notBreaching",
  }),
  raiseMetricAlarm("ExportLate", {
    alarmDescription: "An export runs, or seems to, for more than 14 hours.",
    metric: "ExportsLate",
    // In seconds. This is twice the interval between two runs of the watch function.
    period: 7_200,
  }),
  raiseFunctionAlarm("FunctionFailed", {
    alarmDescription:
      "The function URL, the workflow or the one of bounces threw, ran out of time or memory, or did not start.",
    metricName: "Errors",
    functions: [http.name, workflow.name, ...mailing.functions],
  }),
  raiseFunctionAlarm("Throttled", {
    alarmDescription: "The function URL or the workflow has been refused instances for a quarter of an hour.",
    metricName: "Throttles",
    functions: [http.name, workflow.name],
    periods: 3,
  }),
  raiseMetricAlarm("DeliveryUnknown", {
    alarmDescription: "Nobody can tell whether a message was sent: it is not sent again by itself.",
    metric: "DeliveriesUnknown",
  }),
];
