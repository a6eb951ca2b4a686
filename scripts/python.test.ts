import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { withSandboxedRelay } from './integrations/sandboxed.ts';
import { HAS_PYTHON } from './readme/terminal.ts';
import { ROOT } from './worker.ts';

/** Debian's, where there is one: it is the oldest that its users have. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const FOLDER = join(ROOT, 'integrations', 'python');

it.skipIf(!HAS_PYTHON)(
  'the Python client does what it says, against a Ringback on the simulator',
  { timeout: 120_000 },
  async () => {
    const stderr = await withSandboxedRelay(async (stack, { key }) => {
      const env = {
        ...process.env,
        PYTHONDONTWRITEBYTECODE: '1',
        RINGBACK_URL: stack.relay.origin,
        RINGBACK_KEY: key,
      };
      return (await promisify(execFile)(PYTHON, ['-m', 'unittest', '-v'], { cwd: FOLDER, env })).stderr;
    });
    expect(stderr).toMatch(/^OK/m);
    expect(stderr).toMatch(/test_makes_a_video_and_lists_it .* ok/s);
  },
);
