export function exportKey(id: string): string {
  return `exports/${id}.json`;
}

export function fileKey(id: string, name: string): string {
  return `files/${id}/${name}`;
}
