import { SetupError } from './setup/cloudflare.ts';
import { THIS_MACHINE } from './setup/machine.ts';
import { update } from './setup/steps.ts';

// Also what Cloudflare runs after "Deploy to Cloudflare", and at each push.
try {
  await update(THIS_MACHINE);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
