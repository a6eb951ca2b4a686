import { parseArgs, type ParseArgsConfig } from 'node:util';

/**
 * The flags and arguments of a command. `--help` prints `help` and ends the process with 0; what it does not know is said, with
 * the help, and ends it with 1.
 */
export function readFlags<Config extends ParseArgsConfig>(help: string, config: Config) {
  if (process.argv.slice(2).includes('--help')) {
    console.log(help);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return refuse(help, error instanceof Error ? error.message : String(error));
  }
}

/** A whole number from 0 on; anything else is said, with the help, and ends the process with 1. */
export function wholeNumber(help: string, name: string, text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(help, `${name} must be a whole number, not ${text}.`);
}

/** Says what is wrong with a command, and its help, and ends the process with 1. */
export function refuse(help: string, problem: string): never {
  console.error(`${problem}\n\n${help}`);
  process.exit(1);
  // Beside the types of Workers `process` has none of its own, and its exit might return.
  throw new Error(problem);
}
