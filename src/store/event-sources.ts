/** What happened to the tasks of a select: begun by upstream, and ended. */
export const OF_TASKS = (
  tasks: string,
) => `select 'evt_' || substr(t.id, 6) || what.suffix as event_id, t.id as task_id,
    iif(what.suffix = '', 'task.' || t.state, 'task.running') as type,
    iif(what.suffix = '', coalesce(t.recorded_at, t.completed_at), t.submitted_at) as at, null as about
  from (${tasks}) as t join (select '' as suffix union all select '_running') as what
  where iif(what.suffix = '', t.completed_at, t.submitted_at) is not null`;

/** The rows of a select of `events`, in the same columns. */
export const OF_EVENTS = (events: string) =>
  `select id as event_id, task_id, type, recorded_at as at, about from (${events})`;
