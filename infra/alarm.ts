import { alarmEmail } from "./setting.ts";

const topic = new sst.aws.SnsTopic("Alarms");

export const subscription =
  alarmEmail === ""
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

/** Tells the topic when the metric is 1 or more within the period, and when it is no longer. */
export function raiseAlarm(name: string, metric: Metric) {
  return new aws.cloudwatch.MetricAlarm(name, {
    ...metric,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    evaluationPeriods: 1,
    alarmActions: [topic.arn],
    okActions: [topic.arn],
  });
}
