/** Runs exports where their steps are kept. */
export interface Workflow {
  /** Starts the execution of that name; does nothing where there is one already. */
  start: (id: string) => Promise<void>;
}
