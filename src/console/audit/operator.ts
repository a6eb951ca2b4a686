import type { Context } from 'hono';
import type { Task } from '../../domain/task.ts';
import { audit } from '../../http/audit.ts';
import type { Audited } from '../../http/audit.ts';
import type { Services } from '../../http/services.ts';
import type { ConsoleEnv } from '../env.ts';

/** Writes down what was done to a task, where it was the operator who did it and not the task's own client. */
export async function auditOperator(
  c: Context<ConsoleEnv>,
  services: Services,
  what: Audited,
  { id, clientId }: Task,
): Promise<void> {
  if (c.get('viewer').kind === 'operator') await audit(c, services, what, { clientId, detail: id });
}
