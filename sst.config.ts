// oxlint-disable-next-line typescript/triple-slash-reference -- editors find SST's globals by it
/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { isPermanent } = await import("./infra/stage.ts");
    const { region } = await import("./infra/setting.ts");
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
    const { trustOnlyLambda } = await import("./infra/trust.ts");
    trustOnlyLambda();
    const { nameService } = await import("./infra/service.ts");
    nameService();
    const { http } = await import("./infra/http.ts");
    await import("./infra/export.ts");
    await import("./infra/schedule.ts");
    await import("./infra/health.ts");
    const { bucketName } = await import("./infra/storage.ts");
    return { url: http.url, bucket: bucketName };
  },
});
