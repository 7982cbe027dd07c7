import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { makeDeclaration } from "../support/declaration.ts";
import { readGraph, type Graph } from "../support/graph.ts";

let personal: Graph;
let production: Graph;

// The first run after a clone installs SST's platform.
beforeAll(async () => {
  [personal, production] = await Promise.all([readGraph("alice"), readGraph("production")]);
}, 600_000);

function findAll(graph: Graph, type: string) {
  return graph.resources.filter((resource) => resource.type === type);
}

function findOne(graph: Graph, type: string) {
  const [resource, ...others] = findAll(graph, type);
  if (!resource || others.length > 0)
    throw new Error(`${type}: ${others.length + (resource ? 1 : 0)}, not one`);
  return resource;
}

function readPolicies(graph: Graph) {
  const { inlinePolicies } = findOne(graph, "aws:iam/role:Role").inputs;
  return z
    .array(z.object({ policy: z.string().transform((text): unknown => JSON.parse(text)) }))
    .parse(inlinePolicies);
}

function readLifecycle(graph: Graph) {
  return findOne(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"];
}

function expire(id: string, days: number) {
  return { id, status: "Enabled", filter: { prefix: `${id}/` }, expiration: { days } };
}

describe("the bucket", () => {
  it("blocks every kind of public access", () => {
    expect(findOne(personal, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("refuses what does not come over TLS, and grants nobody anything", () => {
    const arn = `arn:aws:s3:::${String(findOne(personal, "aws:s3/bucket:Bucket").inputs["bucket"])}`;
    expect(
      JSON.parse(String(findOne(personal, "aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])),
    ).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: { "*": ["*"] },
          Action: ["s3:*"],
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ],
    });
  });

  it("encrypts what it holds", () => {
    const type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    expect(findOne(personal, type).inputs["rules"]).toEqual([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ]);
  });

  it("lets no other site's page in", () => {
    expect(personal.resources.filter(({ type }) => /cors/i.test(type))).toEqual([]);
  });

  it("cleans up by prefix, and leaves the permanent links alone", () => {
    expect(readLifecycle(personal)).toEqual([
      expire("snapshots", 40),
      expire("files", 30),
      expire("exports", 400),
      expire("customers", 30),
      {
        id: "uploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });

  it("is retained and protected in production only", () => {
    expect(personal.app).toMatchObject({ removal: "remove", protect: false });
    expect(production.app).toMatchObject({ removal: "retain", protect: true });
    expect(findOne(personal, "aws:s3/bucket:Bucket")).toMatchObject({
      isRetained: false,
      isProtected: false,
      inputs: { forceDestroy: true },
    });
    expect(findOne(production, "aws:s3/bucket:Bucket")).toMatchObject({
      isRetained: true,
      isProtected: true,
      inputs: { forceDestroy: false },
    });
  });
});

describe("the function", () => {
  it("runs the handler on Node 24 and ARM, for at most 15 minutes", () => {
    expect(personal.handlers).toEqual(["functions/http.handler"]);
    expect(findOne(personal, "aws:lambda/function:Function").inputs).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 900,
      memorySize: 1024,
    });
  });

  it("has a URL that anyone may call but no other site's page", () => {
    const { inputs } = findOne(personal, "aws:lambda/functionUrl:FunctionUrl");
    expect(inputs).toMatchObject({ authorizationType: "NONE", invokeMode: "BUFFERED" });
    expect(inputs).not.toHaveProperty("cors");
    expect(personal.outputs["url"]).toBe("https://HttpUrl.example/");
  });

  it("lets the world in through its URL only", () => {
    expect(findAll(personal, "aws:lambda/permission:Permission").map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        action: "lambda:InvokeFunctionUrl",
        principal: "*",
        functionUrlAuthType: "NONE",
      }),
      expect.objectContaining({
        action: "lambda:InvokeFunction",
        principal: "*",
        invokedViaFunctionUrl: true,
      }),
    ]);
  });

  it("may do with the bucket what it needs, and nothing else", () => {
    const arn = `arn:aws:s3:::${String(findOne(production, "aws:s3/bucket:Bucket").inputs["bucket"])}`;
    const prefixes = ["snapshots/*", "exports/*", "files/*"];
    const statements = [
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        Resource: prefixes.map((prefix) => `${arn}/${prefix}`),
      },
      {
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [arn],
        Condition: { StringLikeIfExists: { "s3:prefix": prefixes } },
      },
    ];
    expect(readPolicies(production)).toEqual([{ policy: { Version: "2012-10-17", Statement: statements } }]);
  });

  it("gets no managed policy beyond writing its log", () => {
    expect(findOne(production, "aws:iam/role:Role").inputs["managedPolicyArns"]).toEqual([
      "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    ]);
  });

  it("has no action by wildcard in any role", () => {
    const roles = [personal, production].flatMap((graph) => findAll(graph, "aws:iam/role:Role"));
    expect(JSON.stringify(roles.map(({ inputs }) => inputs["inlinePolicies"]))).not.toMatch(/\w:\*\\"/);
  });

  it("has roles that only Lambda assumes, not the account's root", () => {
    const roles = [personal, production].flatMap((graph) => findAll(graph, "aws:iam/role:Role"));
    for (const { inputs } of roles) {
      expect(inputs["assumeRolePolicy"]).toMatchObject({
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
        ],
      });
    }
    expect(JSON.stringify(roles)).not.toContain(":root");
  });

  it("keeps its log for three months, as JSON", () => {
    expect(findOne(personal, "aws:cloudwatch/logGroup:LogGroup").inputs["retentionInDays"]).toBe(90);
    expect(findOne(personal, "aws:lambda/function:Function").inputs["loggingConfig"]).toMatchObject({
      logFormat: "JSON",
    });
  });
});

describe("the settings", () => {
  it("reach the function with their defaults, and the secrets do not", () => {
    const { environment } = findOne(production, "aws:lambda/function:Function").inputs;
    expect(environment).toEqual({
      variables: {
        NODE_OPTIONS: "--max-old-space-size=512 --max-semi-space-size=4",
        PORTAL_API_URL: "https://api.mijnklantportaal.nl/v1",
        PORTAL_RATE_WINDOW_SECONDS: "60",
        PORTAL_RATE_RESERVE: "0",
        REPORT_TIMEZONE: "Europe/Amsterdam",
        LINK_SECONDS: "900",
        SNAPSHOT_DAYS: "40",
        FILE_DAYS: "30",
        SST_KEY: expect.any(String),
        SST_KEY_FILE: "resource.enc",
        SST_RESOURCE_App: JSON.stringify({ name: "offer-export", stage: "production" }),
      },
    });
  });

  it("leave the secrets out of everything that is deployed", () => {
    const deployed = production.resources.filter(({ type }) => !type.startsWith("sst:"));
    expect(JSON.stringify(production.links)).toMatch(/secret-a.*secret-b/);
    expect(JSON.stringify(deployed)).not.toMatch(/secret-[ab]/);
  });

  it("deploy to Frankfurt unless told otherwise, with ten instances at most", () => {
    expect(production.app["providers"]).toEqual({ aws: { region: "eu-central-1" } });
    expect(findOne(production, "aws:lambda/function:Function").inputs["reservedConcurrentExecutions"]).toBe(
      10,
    );
  });

  it("are the deployer's where given; a concurrency of 0 leaves the cap out", async () => {
    const graph = await readGraph("alice", {
      AWS_REGION: "eu-west-1",
      RESERVED_CONCURRENCY: "0",
      FILE_DAYS: "7",
      REPORT_TIMEZONE: "Europe/Brussels",
    });
    const { inputs } = findOne(graph, "aws:lambda/function:Function");
    expect(graph.app["providers"]).toEqual({ aws: { region: "eu-west-1" } });
    expect(inputs).not.toHaveProperty("reservedConcurrentExecutions");
    expect(inputs["environment"]).toMatchObject({
      variables: { FILE_DAYS: "7", REPORT_TIMEZONE: "Europe/Brussels" },
    });
    expect(
      findOne(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs,
    ).toMatchObject({
      rules: expect.arrayContaining([
        { id: "files", status: "Enabled", filter: { prefix: "files/" }, expiration: { days: 7 } },
      ]),
    });
  });

  it.each([
    ["AWS_REGION", "nowhere"],
    ["FILE_DAYS", "soon"],
    ["LINK_SECONDS", "604801"],
    ["PORTAL_API_URL", "ftp://portal.example"],
    ["REPORT_TIMEZONE", "Europe/Atlantis"],
  ])("stop the deployment by name when malformed: %s", async (name, value) => {
    const attempt = readGraph("alice", { [name]: value });
    await expect(attempt).rejects.toThrow(`Error: ${name} `);
    await expect(attempt).rejects.not.toThrow(value);
  });
});

describe("sst-env.d.ts", () => {
  it("is what SST would write", async () => {
    const declared = await readFile(new URL("../../sst-env.d.ts", import.meta.url), "utf8");
    expect(declared).toBe(makeDeclaration(personal.links));
  });
});
