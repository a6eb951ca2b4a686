import type { Invariant } from '../sight.ts';
import { canceledAsTold, nothingAcceptedIsLost, oneTaskForAKey } from './accepted.ts';
import {
  attemptsOnlyWhilePending,
  eachAttemptIsLogged,
  oneAttemptAtATime,
  oneTerminalEvent,
  redeliveriesGo,
  sameBytes,
  signed,
} from './callbacks.ts';
import { chargedUnderItsOwnId, oneCharge } from './charges.ts';
import { everyRowHasAClock } from './clocks.ts';
import { allHasEnded, callbacksEndAsReceiversDo, endsFit } from './ends.ts';
import { copiedInTime, filesFitTasks, toldAfterReadable } from './kept.ts';
import { endsAreCountedOnce, fullKeysAreLeftAlone, limitsAreLearned, pausesAreKept } from './keys.ts';
import { activeLimitsAreKept, activeUpstreamIsKept, budgetIsKept, d1RequestsAreKept } from './limits.ts';
import { dueDeliveriesGo, duePollsHappen, dueTasksAreLookedAt, freeSlotsAreUsed } from './liveness.ts';
import { endsArePossible, idsAreOfOneTask, successHasItsOwnLink } from './results.ts';
import { attemptsFollowTheSchedule } from './schedule.ts';
import { endedStaysEnded } from './states.ts';
import {
  eachEventIsToldOnce,
  sameBytesToSubscriptions,
  subscribersMissNothing,
  toldNeitherBeforeNorAfter,
} from './subscriptions.ts';

const nothingUnexpected: Invariant = {
  name: 'no answer and no exception that nobody expects',
  afterStep: ({ ledger }) => ledger.surprises[0] ?? null,
  atEnd: ({ ledger }) => ledger.surprises[0] ?? null,
};

/** Everything that always holds, made anew for a seed. */
export function invariants(): readonly Invariant[] {
  return [
    nothingAcceptedIsLost,
    oneTaskForAKey,
    canceledAsTold,
    oneCharge,
    chargedUnderItsOwnId,
    oneTerminalEvent,
    sameBytes,
    attemptsOnlyWhilePending,
    oneAttemptAtATime,
    eachAttemptIsLogged,
    redeliveriesGo,
    signed,
    eachEventIsToldOnce,
    toldNeitherBeforeNorAfter,
    subscribersMissNothing,
    sameBytesToSubscriptions,
    everyRowHasAClock,
    endedStaysEnded(),
    attemptsFollowTheSchedule(),
    budgetIsKept,
    d1RequestsAreKept,
    activeLimitsAreKept,
    activeUpstreamIsKept(),
    allHasEnded,
    endsFit,
    callbacksEndAsReceiversDo,
    successHasItsOwnLink,
    endsArePossible,
    idsAreOfOneTask,
    toldAfterReadable,
    copiedInTime,
    filesFitTasks,
    pausesAreKept(),
    limitsAreLearned,
    fullKeysAreLeftAlone,
    endsAreCountedOnce(),
    duePollsHappen,
    freeSlotsAreUsed(),
    dueTasksAreLookedAt,
    dueDeliveriesGo,
    nothingUnexpected,
  ];
}
