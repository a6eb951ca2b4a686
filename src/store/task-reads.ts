import type { TaskWithDelivery } from '../domain/task-with-delivery.ts';
import { CHANGING_COLUMNS, deliveryFromRow } from './delivery-row.ts';
import type { DeliveryRow } from './delivery-row.ts';
import { fromJson, jsonOf } from './json-row.ts';
import type { TaskRow } from './task-columns.ts';
import { fromRow } from './task-row.ts';

const DELIVERY_COLUMNS = [
  'id',
  'task_id',
  'client_id',
  'kind',
  'subscription_id',
  'event',
  'about',
  'created_at',
  'occurred_at',
  'leased_until',
  'first_attempt',
  ...CHANGING_COLUMNS,
] as const satisfies (keyof DeliveryRow)[];

const DELIVERY_JSON = jsonOf(DELIVERY_COLUMNS, (column) => `d.${column}`);

/** The id of the delivery that tells a task's end, of an expression for the task's id. */
export function callbackIdOf(taskId: string): string {
  return `'msg_' || substr(${taskId}, 6)`;
}

/** The deliveries of a task, of a row of `tasks`. Notices have the callback's id, and a number behind it. */
export const DELIVERY_READS = `
  (select ${DELIVERY_JSON} from deliveries as d where d.id = ${callbackIdOf('tasks.id')}) as delivery_json,
  (select ${DELIVERY_JSON} from deliveries as d
    where d.id > ${callbackIdOf('tasks.id')} || '_failed_' and d.id < ${callbackIdOf('tasks.id')} || '_failed_~'
    order by d.created_at desc limit 1) as notice_json`;

/** What a select of `tasks` takes to show a task to its owner. */
export const READ_COLUMNS = `tasks.*, ${DELIVERY_READS}`;

/** A row of such a select. */
export interface ReadRow extends TaskRow {
  delivery_json: string | null;
  notice_json: string | null;
}

/** The task that such a row holds. */
export function readTask(row: ReadRow): TaskWithDelivery {
  return { ...fromRow(row), delivery: deliveryOf(row.delivery_json), notice: deliveryOf(row.notice_json) };
}

function deliveryOf(json: string | null): TaskWithDelivery['delivery'] {
  return json === null ? null : deliveryFromRow(fromJson(json) as DeliveryRow);
}
