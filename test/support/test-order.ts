import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The groups of tests, beginning with the group whose files take the longest. */
const groups = ["slow", "browser", "simulation", "quick"];

/**
 * Runs files that take long before files that take short, so that no worker is left alone with a long file at the end.
 * Within a group, vitest's own order does so: by the last run's times, or by the files' sizes in the first run.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- this sorts no array: it is vitest's own method
    const sorted = await super.sort(files);
    const rank = ({ project }: TestSpecification) => groups.indexOf(project.name);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
