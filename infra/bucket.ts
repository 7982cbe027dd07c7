import { fileDays, isPermanent, snapshotDays } from "./settings.ts";

const permanent = isPermanent($app.stage);

const abortedUploads = {
  id: "uploads",
  status: "Enabled",
  filter: { prefix: "" },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
};

const bucket = new sst.aws.Bucket("Reports", {
  cors: false,
  lifecycle: [
    { id: "snapshots", prefix: "snapshots/", expiresIn: `${snapshotDays} days` },
    { id: "files", prefix: "files/", expiresIn: `${fileDays} days` },
    { id: "deliveries", prefix: "deliveries/", expiresIn: "400 days" },
    { id: "exports", prefix: "exports/", expiresIn: "400 days" },
    { id: "claims", prefix: "claims/", expiresIn: "400 days" },
    // A name counts for 30 days, but that of a customer who is gone is nowhere else.
    { id: "customers", prefix: "customers/", expiresIn: "400 days" },
  ],
  transform: {
    bucket: (args, opts) => {
      args.forceDestroy = !permanent;
      opts.protect = permanent;
    },
    lifecycle: (args) => {
      args.rules = $output(args.rules).apply((rules) => [...(rules ?? []), abortedUploads]);
    },
  },
});

export const encryption = new aws.s3.BucketServerSideEncryptionConfiguration("ReportsEncryption", {
  bucket: bucket.name,
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
});

export const bucketName = bucket.name;

/** The name alone: with a bucket itself `s3:*` would come along. */
export const reportBucket = new sst.Linkable("ReportBucket", { properties: { name: bucketName } });

export type BucketFolder =
  "claims" | "customers" | "deliveries" | "exports" | "files" | "shares" | "snapshots";
type Action = "GetObject" | "PutObject" | "DeleteObject" | "AbortMultipartUpload";
export type Access = Partial<Record<Action, [BucketFolder, ...BucketFolder[]]>> & {
  ListBucket?: BucketFolder[];
};

/** What a function may do with the objects of which folders. */
export function allowBucket({ ListBucket = [], ...access }: Access): sst.aws.FunctionPermissionArgs[] {
  return [
    ...Object.entries(access).map(([action, names]) => ({
      actions: [`s3:${action}`],
      resources: names.map((name) => $interpolate`${bucket.arn}/${name}/*`),
    })),
    {
      actions: ["s3:ListBucket"],
      resources: [bucket.arn],
      // IfExists: a read of a missing key carries no prefix, and without this right answers 403 instead of 404. IAM
      // cannot tell it from a listing without a prefix, which therefore passes too: it shows keys, not contents.
      conditions: [
        {
          test: "StringLikeIfExists",
          variable: "s3:prefix",
          values: ListBucket.length === 0 ? [""] : ListBucket.map((name) => `${name}/*`),
        },
      ],
    },
  ];
}
