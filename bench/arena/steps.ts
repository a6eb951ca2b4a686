import { DOLLARS_PER_MILLION, WORKFLOW_STEPS_A_MONTH } from './prices.ts';
import type { Result } from './run.ts';
import { workflow, workflowOfRetries } from './workflow.ts';

/** Create, the first wait, the polls as one, deliver. */
const STEPS_WITH_RETRIES = 4;

/** What Cloudflare charges for the steps of each Workflow among these; empty where there is none. */
export function stepsOf(results: readonly Result[]): string {
  const lines = results.flatMap(({ contender, polls, tasks }) => {
    // Create, deliver, and for each poll the sleep before it.
    if (contender === workflow.name) return [line(contender, 2 + (2 * polls) / tasks)];
    return contender === workflowOfRetries.name ? [line(contender, STEPS_WITH_RETRIES)] : [];
  });
  return lines.join('');
}

function line(contender: string, steps: number): string {
  const dollars = (steps * DOLLARS_PER_MILLION.workflowSteps).toFixed(2);
  const included = WORKFLOW_STEPS_A_MONTH.toLocaleString('en');
  return `${contender}: ${steps.toFixed(1)} steps a task, $${dollars} for the steps of a million tasks beyond ${included} steps a month.\n`;
}
