import { answersTo, attemptLog, followToEnd, startWorkflow, until, type Ended, type Scene } from './cases.ts';

/** The longest that the slow step takes: it ends once a callback has come too early. */
export const SLOW_STEP_MS = 25_000;

/** The plain way: n8n waits, the callback comes, the video's address is there. */
export async function resumed(scene: Scene): Promise<void> {
  await tell(scene, 'The callback resumes the Wait node, and the next node has the video', async () => {
    const ended = await followToEnd(scene, await startWorkflow(scene, 'recipe', 'A red fox [slow:2]'));
    expectStatuses(ended, [200]);
    return withVideo(delivered(ended));
  });
}

/** A video that fails is a callback too. */
export async function failed(scene: Scene): Promise<void> {
  await tell(scene, 'A video that fails takes the other branch, with the reason', async () => {
    const prompt = 'A red fox [slow:2] [fail:400:content policy]';
    const ended = await followToEnd(scene, await startWorkflow(scene, 'recipe', prompt));
    if (ended.report.problem === undefined) throw new Error('The branch for failures was not taken.');
    return delivered(ended);
  });
}

/** The callback comes while n8n is still busy before the Wait node. */
export async function early(scene: Scene): Promise<void> {
  await tell(scene, 'A callback that comes before n8n waits is tried again quickly', async () => {
    const ended = await followToEnd(scene, await startWorkflow(scene, 'slow', 'A red fox [slow:0]'));
    expectStatuses(ended, [409, 200]);
    if (!ended.answers.some(({ words }) => words.includes('is running already'))) {
      throw new Error('n8n did not say that it is running already.');
    }
    return withVideo(delivered(ended));
  });
}

/** The Wait node lets in only who knows the secret. */
export async function secret(scene: Scene): Promise<void> {
  await tell(scene, 'A Wait node that checks a header lets the callback in, and nobody else', async () => {
    const task = await startWorkflow(scene, 'secret', 'A red fox [slow:4]');
    const strange = await until(scene, 'n8n does not wait', async () => {
      const response = await fetch(task.callback.url, { method: 'POST', body: '' });
      await response.body?.cancel();
      return response.status === 409 ? undefined : response.status;
    });
    if (strange !== 401 && strange !== 403) throw new Error(`A stranger's call was answered ${strange}.`);
    const ended = await followToEnd(scene, task);
    return withVideo(delivered(ended));
  });
}

/** n8n has the callback, and its answer never reaches Ringback. */
export async function lostAnswer(scene: Scene): Promise<void> {
  await tell(scene, 'An answer that is lost: the callback comes again, the node resumes once', async () => {
    const task = await startWorkflow(scene, 'recipe', 'A red fox [slow:2]');
    scene.gate.answersToLose = 1;
    await until(scene, 'No second attempt came', () => answersTo(scene, task)[1]);
    const ended = await followToEnd(scene, task);
    expectStatuses(ended, [200, 409]);
    if (ended.answers.at(-1)?.words.includes('has finished already') !== true) {
      throw new Error('n8n did not say that it has finished already.');
    }
    return withVideo(delivered(ended));
  });
}

/** n8n is down when the callback comes, and starts again. */
export async function restarted(scene: Scene): Promise<void> {
  await tell(
    scene,
    'n8n is stopped while it waits, and started again: the callback still arrives',
    async () => {
      const task = await startWorkflow(scene, 'recipe', 'A red fox [slow:6]');
      await scene.n8n.stop();
      await until(scene, 'No attempt met the stopped n8n', async () => (await attemptLog(scene, task))[0]);
      await scene.n8n.start();
      const ended = await followToEnd(scene, task);
      if (ended.answers[0]?.status !== null) throw new Error('n8n was not down when the callback came.');
      return withVideo(delivered(ended));
    },
  );
}

async function tell(scene: Scene, step: string, work: () => Promise<Ended>): Promise<void> {
  await scene.story.tell(step, work, ({ report, answers, log, task }) => [
    '',
    ...answers.map(({ status, words }) => `n8n       ${status ?? 'no answer'}  ${firstLine(words)}`),
    ...log.map((line) => `Ringback  ${line}`),
    `Ringback  the callback is ${task.callback.state}`,
    `workflow  ${report.video_url ?? report.problem ?? 'was given nothing'}`,
  ]);
}

/** The distinct statuses in the order in which they came. */
function expectStatuses({ answers }: Ended, expected: number[]): void {
  const seen = answers.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
  if (seen.join() !== expected.join()) {
    throw new Error(`n8n answered ${seen.join(', ')}, and not ${expected.join(', ')}.`);
  }
}

function delivered(ended: Ended): Ended {
  const { state } = ended.task.callback;
  if (state !== 'delivered') throw new Error(`The callback is ${state}, and not delivered.`);
  return ended;
}

function withVideo(ended: Ended): Ended {
  const { video_url: url } = ended.report;
  if (url === undefined || !URL.canParse(url))
    throw new Error('The last node was given no address of a video.');
  return ended;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
