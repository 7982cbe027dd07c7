// oxlint-disable-next-line typescript/triple-slash-reference -- config.d.ts declares SST's globals to editors
/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { isPermanent, region, requireSettingFiles } = await import("./infra/stage.ts");
    requireSettingFiles(input.stage);
    const permanent = isPermanent(input.stage);
    return {
      name: "offer-export",
      home: "aws",
      providers: { aws: { region } },
      removal: permanent ? "retain" : "remove",
      protect: permanent,
    };
  },
  async run() {
    const { showConfigErrors } = await import("./infra/visible-error.ts");
    return await showConfigErrors(deploy);
  },
});

async function deploy() {
  const { nameService, trustOnlyLambda } = await import("./infra/function-defaults.ts");
  trustOnlyLambda();
  nameService();
  const { http } = await import("./infra/http.ts");
  await import("./infra/export.ts");
  await import("./infra/schedules.ts");
  await import("./infra/alarms.ts");
  const { bucketName } = await import("./infra/bucket.ts");
  const { describeNextCommands } = await import("./infra/next-commands.ts");
  return { url: http.url, bucket: bucketName, ...describeNextCommands(http.url) };
}
