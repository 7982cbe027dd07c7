/** Where things stand in the bucket. */

export function exportKey(id: string): string {
  return `exports/${id}.json`;
}

export function fileKey(id: string, name: string): string {
  return `files/${id}/${name}`;
}

export function manifestKey(id: string): string {
  return `snapshots/${id}/manifest.json`;
}

export function partKey(id: string, part: number): string {
  return `snapshots/${id}/part-${String(part).padStart(5, "0")}.ndjson.gz`;
}
