/** Whoever runs the functions on a machine looks at what they make: faults are told, the rest if it is asked for. */
export function silenceLogs(env: NodeJS.ProcessEnv): void {
  env["POWERTOOLS_LOG_LEVEL"] ??= "ERROR";
  env["POWERTOOLS_METRICS_DISABLED"] ??= "true";
}
