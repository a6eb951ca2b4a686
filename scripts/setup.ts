import { SetupError } from './setup/cloudflare.ts';
import { closingWords } from './setup/closing.ts';
import { DRY_MACHINE, THIS_MACHINE } from './setup/machine.ts';
import { answersFrom, HELP, readFlags } from './setup/options.ts';
import { setUp } from './setup/steps.ts';
import { readDeployment } from './setup/wrangler-toml.ts';

try {
  const flags = readFlags(process.argv.slice(2), process.env);
  if (flags.wantsHelp) console.log(HELP);
  else {
    const machine = flags.isDryRun ? DRY_MACHINE : THIS_MACHINE;
    if (flags.isDryRun) console.log('A dry run: what a first setup does, in its order. Nothing is changed.');
    const answers = await answersFrom(flags, readDeployment(machine.read('wrangler.toml') ?? '').name);
    const deployed = await setUp(machine, answers);
    console.log(flags.isDryRun ? '\nAfter it you are told:' : '');
    console.log(closingWords(deployed, answers));
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
