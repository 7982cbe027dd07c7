/**
 * The service's name in log lines and metrics, since one account may hold several stages.
 */
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

/**
 * SST lets the account's root assume the role of every function, for `sst dev`; outside it only Lambda has to.
 * Reaches the functions that are declared after the call, those inside other components too.
 */
export function trustOnlyLambda() {
  $transform(sst.aws.Function, (args) => {
    if ($dev) return;
    const assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal(aws.iam.Principals.LambdaPrincipal);
    args.transform = { ...args.transform, role: { assumeRolePolicy } };
  });
}
