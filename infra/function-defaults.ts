/** The service's name in log lines and metrics. It includes the stage, because an account may hold several stages. */
export const service = `${$app.name}-${$app.stage}`;

/**
 * Sets the service's name in log lines and metrics for every function that is declared after this call, including the
 * functions inside other components.
 */
export function nameService() {
  $transform(sst.aws.Function, (args) => {
    args.environment = $output(args.environment).apply((environment) => ({
      ...environment,
      POWERTOOLS_SERVICE_NAME: service,
    }));
  });
}

/**
 * Lets only Lambda assume the roles of the functions. By default SST also lets the account's root assume them, but only
 * `sst dev` needs that. Applies to every function that is declared after this call, including the functions inside
 * other components.
 */
export function trustOnlyLambda() {
  $transform(sst.aws.Function, (args) => {
    if ($dev) return;
    const assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal(aws.iam.Principals.LambdaPrincipal);
    args.transform = { ...args.transform, role: { assumeRolePolicy } };
  });
}
