/**
 * An execution about an export: the one that makes and delivers it has the export's own name. A later one, which
 * delivers a finished report to whom it was not asked for before, is named after whom that is.
 */
export type ExportJob = { id: string; errand?: string | undefined };

/** The execution's name and its input: the same name always has the same input. */
export function describeJob({ id, errand }: ExportJob): { name: string; payload: ExportJob } {
  return errand === undefined
    ? { name: id, payload: { id } }
    : { name: `${id}-${errand}`, payload: { id, errand } };
}
