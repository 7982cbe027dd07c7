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
