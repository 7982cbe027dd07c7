import { fileDays, snapshotDays } from "./setting.ts";
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
    { id: "exports", prefix: "exports/", expiresIn: "400 days" },
    { id: "customers", prefix: "customers/", expiresIn: "30 days" },
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

const prefixes = ["snapshots/*", "exports/*", "files/*"];

/** What functions link: a bucket itself would bring `s3:*`. */
export const reportBucket = new sst.Linkable("ReportBucket", {
  properties: { name: bucket.name },
  include: [
    sst.aws.permission({
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: prefixes.map((prefix) => $interpolate`${bucket.arn}/${prefix}`),
    }),
    sst.aws.permission({
      actions: ["s3:ListBucket"],
      resources: [bucket.arn],
      // IfExists: a read of a missing key carries no prefix, and without this right answers 403 instead of 404.
      conditions: [{ test: "StringLikeIfExists", variable: "s3:prefix", values: prefixes }],
    }),
  ],
});
