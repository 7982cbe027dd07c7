/** Returns the two commands after a deployment, which `sst deploy` prints below the URL. */
export function describeNextCommands(url: $util.Output<string>) {
  const header = `-H "Authorization: Bearer <access token>"`;
  return {
    check: $interpolate`curl ${header} "${url}check"`,
    export: $interpolate`curl -L -o offers.xlsx ${header} "${url}export?redirect=true"`,
  };
}
