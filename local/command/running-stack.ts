import { findRunningStack, identifyPortal, type StackAccess } from "../control-socket.ts";
import { findOtherSettings } from "../setting-hashes.ts";
import { type LocalSettings, readSettings } from "../stack-settings.ts";
import { print } from "./run-command.ts";
import { describeUnusedSettings, rejectInventedOffers } from "./setting-notices.ts";

type Use = {
  /** Says what the running stack does for the command. */
  work: string;
  /** True when a command without a portal's address means the demo portal, and not the running stack's portal. */
  isForOwnPortal?: boolean;
};

type Env = Record<string, string | undefined>;

/**
 * Reads the settings of a command that makes reports, and finds the stack that does its work. Prints which settings are
 * not used. `running` is null when no stack runs in the folder, so that the command must start its own on any free port.
 */
export async function prepareCommand(
  env: Env,
  use: Use,
): Promise<{ settings: LocalSettings; running: StackAccess | null }> {
  rejectInventedOffers(env);
  for (const notice of describeUnusedSettings(env)) print(notice);
  const settings = { ...readSettings(env), port: 0 };
  return { settings, running: await useRunningStack(settings.directory, env, use) };
}

/**
 * Returns the access to the stack that runs in the folder, and says that this stack does the work; null when none runs
 * there. Throws when the command has settings that the running stack has not, because they would have no effect.
 */
async function useRunningStack(
  directory: string,
  env: Env,
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
