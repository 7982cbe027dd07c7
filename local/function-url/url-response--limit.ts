// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 15 minutes, 6 MB
export const longestMs = 15 * 60_000;
export const maxEventBytes = 6 * 1024 * 1024;
export const maxResultBytes = maxEventBytes + 100;
