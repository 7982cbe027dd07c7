import { fileDays, snapshotDays } from "./settings.ts";
import { isPermanent } from "./stage.ts";

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
    // The cache of customers' names. The program uses a name for 30 days only. Names are kept longer, because no other
    // place has the name of a deleted customer.
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

/** Links only the bucket's name. Linking the bucket itself would grant `s3:*`. */
export const reportBucket = new sst.Linkable("ReportBucket", { properties: { name: bucketName } });

export type BucketFolder =
  "claims" | "customers" | "deliveries" | "exports" | "files" | "shares" | "snapshots";
type Action = "GetObject" | "PutObject" | "DeleteObject" | "AbortMultipartUpload";
export type Access = Partial<Record<Action, [BucketFolder, ...BucketFolder[]]>> & {
  ListBucket?: BucketFolder[];
};

/** Returns a function's permissions on the bucket. `access` names the folders for each action. */
export function allowBucket({ ListBucket = [], ...access }: Access): sst.aws.FunctionPermissionArgs[] {
  return [
    ...Object.entries(access).map(([action, names]) => ({
      actions: [`s3:${action}`],
      resources: names.map((name) => $interpolate`${bucket.arn}/${name}/*`),
    })),
    {
      actions: ["s3:ListBucket"],
      resources: [bucket.arn],
      // S3 answers a read of a missing object with 404 if the reader may list the bucket, and with 403 otherwise. A
      // read has no prefix, so the condition must use `IfExists`. It therefore also allows a listing without a prefix,
      // which shows keys but no contents.
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
