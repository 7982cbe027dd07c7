import * as z from "zod";

const LogLine = z.looseObject({ level: z.string(), message: z.string() });
export type LogLine = z.infer<typeof LogLine>;

/** Reads the functions' JSON log lines from the output. */
export function readLogLines(output: string): LogLine[] {
  return output
    .split("\n")
    .filter((text) => text.startsWith('{"level":'))
    .map((text) => LogLine.parse(JSON.parse(text)));
}

export function listErrorLines(output: string): LogLine[] {
  return readLogLines(output).filter(({ level }) => level === "ERROR");
}

export function listEventLines(output: string, message: string): LogLine[] {
  return readLogLines(output).filter((line) => line.level === "INFO" && line.message === message);
}

const Directive = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())),
  Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
});

const Embedded = z
  .looseObject({ _aws: z.object({ CloudWatchMetrics: z.tuple([Directive]) }) })
  .transform(({ _aws: { CloudWatchMetrics }, ...values }) => ({ directive: CloudWatchMetrics[0], values }));

/** Reads the lines in CloudWatch's embedded metric format. */
export function readMetricLines(output: string) {
  const lines = output.split("\n").filter((text) => text.startsWith('{"_aws":'));
  return lines.map((text) => Embedded.parse(JSON.parse(text)));
}

/** Reads the metrics, by name, of each line in CloudWatch's embedded metric format. */
export function readMetrics(output: string): Record<string, unknown>[] {
  return readMetricLines(output).map(({ directive, values }) =>
    Object.fromEntries(directive.Metrics.map(({ Name }) => [Name, values[Name]])),
  );
}
