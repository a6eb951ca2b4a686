import type { Invariant } from '../sight.ts';
import { canceledAsTold, nothingAcceptedIsLost, oneTaskForAKey } from './accepted.ts';
import {
  attemptsOnlyWhilePending,
  oneAttemptAtATime,
  oneTerminalEvent,
  sameBytes,
  signed,
} from './callbacks.ts';
import { chargedUnderItsOwnId, oneCharge } from './charges.ts';
import { everyRowHasAClock } from './clocks.ts';
import { allHasEnded, callbacksEndAsReceiversDo, endsFit } from './ends.ts';
import { activeLimitsAreKept, budgetIsKept, d1RequestsAreKept } from './limits.ts';
import { endsArePossible, idsAreOfOneTask, successHasItsOwnLink } from './results.ts';
import { attemptsFollowTheSchedule } from './schedule.ts';
import { endedStaysEnded } from './states.ts';

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
    signed,
    everyRowHasAClock,
    endedStaysEnded(),
    attemptsFollowTheSchedule(),
    budgetIsKept,
    d1RequestsAreKept,
    activeLimitsAreKept,
    allHasEnded,
    endsFit,
    callbacksEndAsReceiversDo,
    successHasItsOwnLink,
    endsArePossible,
    idsAreOfOneTask,
    nothingUnexpected,
  ];
}
