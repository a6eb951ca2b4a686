import { setTimeout as sleep } from 'node:timers/promises';
import {
  answersTo,
  attemptLog,
  callWorkflow,
  followToEnd,
  startWorkflow,
  until,
  type Scene,
} from './cases.ts';
import { itemsPath } from './node-workflows.ts';

/** Long enough for an execution to go on that should not. */
const STILL_MS = 1_500;

/** Two nodes: one is started, the other makes the video and waits for it. */
export async function twoNodes(scene: Scene): Promise<void> {
  await tell(scene, 'The Ringback node makes a video, waits, and goes on with it', async () => {
    const { report } = await followToEnd(scene, await startWorkflow(scene, 'node', 'A red fox [slow:2]'));
    return [withVideo(report.video_url)];
  });
}

/** Several items, the first of which has ended before n8n waits: each of them comes out, once, in its order. */
export async function everyItem(scene: Scene): Promise<void> {
  await tell(
    scene,
    'Several items wait for each other, and each comes out once with its own end',
    async () => {
      const prompts = [
        'First [slow:0]',
        'Second [slow:4]',
        'Third [slow:1] [fail:400:content policy]',
        'Fourth [slow:2]',
      ];
      const before = scene.gate.reports.length;
      await callWorkflow(scene, itemsPath, { items: prompts.map((prompt) => ({ prompt })) });
      await until(scene, 'Not all items came out', () =>
        scene.gate.reports.length >= before + prompts.length ? true : undefined,
      );
      await sleep(STILL_MS);
      const came = scene.gate.reports.slice(before);
      if (came.map(({ prompt }) => prompt).join() !== prompts.join())
        throw new Error(`These came out: ${JSON.stringify(came)}`);
      if (new Set(came.map(({ execution }) => execution)).size !== 1)
        throw new Error('They are of several executions.');
      return came.map(({ video_url: url, problem }, i) => (i === 2 ? String(problem) : withVideo(url)));
    },
  );
}

/** Who knows the address, and has not the secret, resumes nothing. */
export async function forged(scene: Scene): Promise<void> {
  await tell(scene, 'What Ringback did not sign does not resume the node', async () => {
    const task = await startWorkflow(scene, 'node', 'A red fox [slow:5]');
    const status = await until(scene, 'n8n does not wait', async () => {
      const body = JSON.stringify({
        type: 'task.succeeded',
        id: task.id,
        state: 'succeeded',
        result_url: 'https://evil.example/',
      });
      const headers = {
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'webhook-signature': 'v1,AAAA',
      };
      const response = await fetch(task.callback.url, {
        method: 'POST',
        headers: { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)) },
        body,
      });
      const text = await response.text();
      return response.status === 409 ? undefined : `${response.status} ${text}`;
    });
    if (!status.startsWith('401')) throw new Error(`A stranger was answered ${status}.`);
    const { report } = await followToEnd(scene, task);
    return [`a stranger: ${status}`, withVideo(report.video_url)];
  });
}

/** n8n has the callback, and its answer never reaches Ringback. */
export async function nodeLostAnswer(scene: Scene): Promise<void> {
  await tell(scene, 'An answer that is lost: the callback comes again, the node goes on once', async () => {
    const task = await startWorkflow(scene, 'node', 'A red fox [slow:2]');
    scene.gate.answersToLose = 1;
    await until(scene, 'No second attempt came', () => answersTo(scene, task)[1]);
    const { report, task: told } = await followToEnd(scene, task);
    if (told.callback.state !== 'delivered') throw new Error(`The callback is ${told.callback.state}.`);
    return [withVideo(report.video_url)];
  });
}

/** Both are stopped while the execution waits, and started again. */
export async function nodeRestarted(scene: Scene): Promise<void> {
  await tell(
    scene,
    'n8n and Ringback are restarted while the node waits: it goes on all the same',
    async () => {
      const task = await startWorkflow(scene, 'node', 'A red fox [slow:6]');
      await scene.n8n.stop();
      await until(scene, 'No attempt met the stopped n8n', async () => (await attemptLog(scene, task))[0]);
      await scene.stack.restartRelay();
      // That no cron could be fired meanwhile was meant.
      scene.problems.length = 0;
      await scene.n8n.start();
      const { report } = await followToEnd(scene, task);
      return [withVideo(report.video_url)];
    },
  );
}

export async function tell(scene: Scene, step: string, work: () => Promise<string[]>): Promise<void> {
  await scene.story.tell(step, work, (lines) => ['', ...lines.map((line) => `workflow  ${line}`)]);
}

export function withVideo(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url))
    throw new Error('The next node was given no address of a video.');
  return url;
}
