import { findRunningStack, identifyPortal, type StackAccess } from "../control-socket.ts";
import { findOtherSettings } from "../setting-hashes.ts";
import { print } from "./run-command.ts";

type Use = {
  /** Says what the running stack does for the command. */
  work: string;
  /** True when a command without a portal's address means the demo portal, and not the running stack's portal. */
  isForOwnPortal?: boolean;
};

/**
 * Returns the access to the stack that runs in the folder, and says that this stack does the work; null when none runs
 * there. Throws when the command has settings that the running stack has not, because they would have no effect.
 */
export async function useRunningStack(
  directory: string,
  env: Record<string, string | undefined>,
  { work, isForOwnPortal = false }: Use,
): Promise<StackAccess | null> {
  const running = await findRunningStack(directory);
  if (running === null) return null;
  if (isForOwnPortal && running.portal !== identifyPortal(env))
    throw new Error(`${runningStack} serves another portal. ${remedy}`);
  const others = findOtherSettings(running.settings, env);
  if (others.length > 0)
    throw new Error(`NOT USED, because ${runningStack} has others: ${others.join(", ")}. ${remedy}`);
  print(`${runningStack} ${work}, with its own settings`);
  return running;
}

const runningStack = "the stack that runs in the folder of LOCAL_DIR";
const remedy = "Nothing was exported: stop that stack, or let LOCAL_DIR name another folder";
