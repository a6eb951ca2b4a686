import { z } from 'zod';
import { call } from '../call.ts';
import { startWorkflow, until, type Scene } from './cases.ts';
import { Editor } from './editor.ts';
import { tell, withVideo } from './node-ways.ts';
import { triggerName, triggerWorkflowId } from './node-workflows.ts';

const subscriptionsShape = z.object({ data: z.array(z.object({ url: z.string(), state: z.string() })) });

/** The last way: from its test in the editor to its end. While it is published, each end of a task starts it. */
export async function triggered(scene: Scene): Promise<void> {
  const editor = await Editor.open(scene.n8n);
  await tell(scene, 'Tested in the editor, the Ringback Trigger shows what happened last', async () => {
    const before = scene.gate.reports.length;
    await editor.listen(triggerWorkflowId, triggerName);
    const shown = await startedSince(scene, before);
    return [shown, await unsubscribed(scene)];
  });
  await tell(scene, 'Published, it subscribes, and starts a workflow with each end', async () => {
    const { n8n } = scene;
    await n8n.stop();
    await n8n.command('publish:workflow', `--id=${triggerWorkflowId}`);
    await n8n.start();
    const subscription = await until(
      scene,
      'n8n has not subscribed',
      async () => (await subscriptions(scene))[0],
    );
    const before = scene.gate.reports.length;
    await startWorkflow(scene, 'node', 'A red fox [slow:1]');
    return [
      `subscribed at ${new URL(subscription.url).pathname}`,
      `started by ${await startedSince(scene, before)}`,
    ];
  });
  await tell(scene, 'Unpublished, it unsubscribes', async () => {
    await editor.unpublish(triggerWorkflowId);
    return [await unsubscribed(scene)];
  });
}

/** What the trigger's workflow was started with. */
async function startedSince(scene: Scene, before: number): Promise<string> {
  const { event, video_url: url } = await until(scene, 'The trigger started nothing', () =>
    scene.gate.reports.slice(before).find((report) => report.event !== undefined),
  );
  if (event !== 'task.succeeded') throw new Error(`The trigger was told ${event}.`);
  return `${event}, ${withVideo(url)}`;
}

async function unsubscribed(scene: Scene): Promise<string> {
  await until(scene, 'The subscription is left', async () =>
    (await subscriptions(scene)).length === 0 ? true : undefined,
  );
  return 'no subscription is left';
}

async function subscriptions({ stack, key: token }: Scene) {
  const url = new URL('/v1/subscriptions', stack.relay);
  return (await call(url, { token, expect: 200, schema: subscriptionsShape })).data;
}
