/** Whose a log line or a figure is: one account may hold several stages. */
export const service = `${$app.name}-${$app.stage}`;

/** Reaches the functions that are declared after the call, those inside other components too. */
export function nameService() {
  $transform(sst.aws.Function, (args) => {
    args.environment = $output(args.environment).apply((environment) => ({
      ...environment,
      POWERTOOLS_SERVICE_NAME: service,
    }));
  });
}
