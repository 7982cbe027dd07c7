import * as z from "zod";

const Line = z.looseObject({ level: z.string(), message: z.string() });
export type Line = z.infer<typeof Line>;

/** The functions' log lines in what was written: structured, each a line of its own. */
export function readLines(output: string): Line[] {
  return output
    .split("\n")
    .filter((text) => text.startsWith('{"level":'))
    .map((text) => Line.parse(JSON.parse(text)));
}

export function listFaults(output: string): Line[] {
  return readLines(output).filter(({ level }) => level === "ERROR");
}

export function listEvents(output: string, message: string): Line[] {
  return readLines(output).filter((line) => line.level === "INFO" && line.message === message);
}

const Directive = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())),
  Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
});

const Embedded = z
  .looseObject({ _aws: z.object({ CloudWatchMetrics: z.tuple([Directive]) }) })
  .transform(({ _aws: { CloudWatchMetrics }, ...values }) => ({ directive: CloudWatchMetrics[0], values }));

/** What CloudWatch makes of the lines in its embedded metric format. */
export function readEmbedded(output: string) {
  const lines = output.split("\n").filter((text) => text.startsWith('{"_aws":'));
  return lines.map((text) => Embedded.parse(JSON.parse(text)));
}

/** The figures of each of those lines, by their names. */
export function readFigures(output: string): Record<string, unknown>[] {
  return readEmbedded(output).map(({ directive, values }) =>
    Object.fromEntries(directive.Metrics.map(({ Name }) => [Name, values[Name]])),
  );
}
