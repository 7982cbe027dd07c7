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

/**
 * Creates an alarm that is on while its metric is 1 or more. The topic gets a message when the alarm goes on or off.
 */
function createAlarm(name: string, alarm: Alarm) {
  return new aws.cloudwatch.MetricAlarm(name, {
    // A message of the topic contains only this name. So the name tells the stage.
    name: `${$app.name}-${$app.stage}-${name}`,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    evaluationPeriods: 1,
    ...alarm,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}

/** Creates an alarm on a metric that AWS emits. */
export function raiseAlarm(name: string, metric: Metric & { alarmDescription: string }) {
  return createAlarm(name, metric);
}

/** `period` is the time over which the metric is summed, in seconds. */
type OwnMetric = { alarmDescription: string; metric: MetricName; period?: number };

/** Creates an alarm on a metric that the functions emit. */
export function raiseMetricAlarm(name: string, { metric, period = 300, alarmDescription }: OwnMetric) {
  return createAlarm(name, {
    alarmDescription,
    namespace: metricNamespace,
    metricName: metric,
    dimensions: { service },
    statistic: "Sum",
    period,
    treatMissingData: "notBreaching",
  });
}

type SharedMetric = {
  alarmDescription: string;
  metricName: string;
  functions: $util.Input<string>[];
  /** The alarm goes on when the sum was 1 or more in this many consecutive periods of five minutes. */
  periods?: number;
};

/** Creates one alarm on the sum of a metric over several functions. One alarm for each function would cost more. */
export function raiseFunctionAlarm(
  name: string,
  { alarmDescription, metricName, functions, periods = 1 }: SharedMetric,
) {
  const metrics = functions.map((FunctionName, index) => ({
    id: `m${index}`,
    metric: { namespace: "AWS/Lambda", metricName, dimensions: { FunctionName }, stat: "Sum", period: 300 },
  }));
  const sum = { id: "sum", expression: "SUM(FILL(METRICS(), 0))", label: metricName, returnData: true };
  return createAlarm(name, {
    alarmDescription,
    metricQueries: [sum, ...metrics],
    evaluationPeriods: periods,
    treatMissingData: "notBreaching",
  });
}
