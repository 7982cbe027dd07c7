/**
 * Mutants that no test can notice, because the changed code does the same. `code` is a part of the line, `becomes`
 * lists the replacements.
 */
export type EquivalentMutant = { file: string; code: string; becomes: string[]; reason: string };

export const equivalentMutants: EquivalentMutant[] = [];
