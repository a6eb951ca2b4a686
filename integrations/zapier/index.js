import { version } from 'zapier-platform-core';
import packageJson from './package.json' with { type: 'json' };
import authentication from './authentication.js';
import createTask from './creates/create_task.js';
import { refuse, signIn } from './lib/api.js';
import findTask from './searches/find_task.js';
import callbackFailed from './triggers/callback_failed.js';
import listModels from './triggers/list_models.js';
import taskFinished from './triggers/task_finished.js';

export default {
  version: packageJson.version,
  platformVersion: version,
  authentication,
  flags: { cleanInputData: false },
  beforeRequest: [signIn],
  afterResponse: [refuse],
  triggers: {
    [taskFinished.key]: taskFinished,
    [callbackFailed.key]: callbackFailed,
    [listModels.key]: listModels,
  },
  creates: { [createTask.key]: createTask },
  searches: { [findTask.key]: findTask },
};
