import { type MetricName, metricNamespace } from "../functions/core/metrics/metrics.ts";
import { service } from "./function-defaults.ts";
import { alarmEmail } from "./settings.ts";

const topic = new sst.aws.SnsTopic("Alarms");

export const subscription =
  alarmEmail === null
    ? undefined
    : new aws.sns.TopicSubscription("AlarmsEmail", {
        topic: topic.arn,
        protocol: "email",
        endpoint: alarmEmail,
      });

type Metric = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  "namespace" | "metricName" | "dimensions" | "statistic" | "period" | "treatMissingData" | "alarmDescription"
>;

type Alarm = Partial<aws.cloudwatch.MetricAlarmArgs> & { alarmDescription: string };

/** Tells the topic when what is watched is 1 or more, and when it is no longer. */
function raise(name: string, alarm: Alarm) {
  return new aws.cloudwatch.MetricAlarm(name, {
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    evaluationPeriods: 1,
    ...alarm,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}

/** On a metric of AWS's. */
export function raiseAlarm(name: string, metric: Metric & { alarmDescription: string }) {
  return raise(name, metric);
}

type Told = { alarmDescription: string; figure: MetricName; period?: number };

/** On a figure that the functions tell. */
export function raiseMetricAlarm(name: string, { figure, period = 300, alarmDescription }: Told) {
  return raise(name, {
    alarmDescription,
    namespace: metricNamespace,
    metricName: figure,
    dimensions: { service },
    statistic: "Sum",
    period,
    treatMissingData: "notBreaching",
  });
}

type Common = {
  alarmDescription: string;
  metricName: string;
  functions: $util.Input<string>[];
  /** Of five minutes each, in a row. */
  periods?: number;
};

/** On a metric of several functions together: each of them costs as much as an alarm. */
export function raiseFunctionAlarm(
  name: string,
  { alarmDescription, metricName, functions, periods = 1 }: Common,
) {
  const metrics = functions.map((FunctionName, index) => ({
    id: `m${index}`,
    metric: { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName }, stat: "Sum", period: 300 },
  }));
  const sum = { id: "sum", expression: "SUM(FILL(METRICS(), 0))", label: metricName, returnData: true };
  return raise(name, {
    alarmDescription,
    metricQueries: [sum, ...metrics],
    evaluationPeriods: periods,
    treatMissingData: "notBreaching",
  });
}
