import { hashText, seededRandom } from '../sandbox/upstream/random.ts';
import type { Draw } from './draw.ts';
import type { Operation } from './operation.ts';

/** What becomes of one effect on the world, and of the invocation that caused it. */
export type Fate = 'fine' | 'dies-before' | 'dies-after' | 'fails-before' | 'fails-after';

/** How often what goes wrong, per effect: in [0, 1]. */
export interface Rates {
  readonly death: number;
  readonly d1: number;
  readonly upstream: number;
  readonly receiver: number;
  /** Of a request to Ringback, or of its answer, being lost on the way. */
  readonly loss: number;
  /** One operation on D1 that goes wrong more often than the others; null: none does. */
  readonly unlucky: { readonly operation: string; readonly death: number; readonly d1: number } | null;
}

/**
 * Operations whose faults matter most: by store and method, and by whose call where several call it. `simulation.test.ts` sees to
 * it that each is carried out, so that none of them is a name that nothing has any more.
 */
export const OPERATIONS = [
  'tasks.insert by intake',
  'tasks.discard by first-submit',
  'tasks.get by join',
  'exchange.exchange by first-submit',
  'exchange.exchange by sync',
  'exchange.hasAnything by sync',
  'exchange.exchange by cancel',
  'deliveries.change by redeliver',
  'ticks.started by maintenance',
  'ticks.finished by cron',
] as const;

/** What upstream does otherwise than documented, and what is no fault of what it was asked for. */
export type Oddity = (typeof ODDITIES)[number];

/** A code as text; the answer to somebody else; a limit that is told as text, by a header, or without an envelope. */
const ODDITIES = ['text-code', 'other-task', 'limit-text', 'limit-header', 'limit-bare'] as const;
/** Of the rate of faults. */
const ODD_SHARE = 0.5;

const FILE_FAULTS = ['gone', 'error', 'hang', 'reset', 'short', 'unsized'] as const;
export type FileFault = (typeof FILE_FAULTS)[number];

export type UpstreamFault = 'malformed' | 'hang' | 'disconnect' | 401 | 404 | 409 | 429 | 500 | 503;

/** Words of D1's own errors: those that pass by themselves, and those that do not. */
const D1_PASSING = [
  'D1_ERROR: Network connection lost.',
  'D1_ERROR: Internal error in D1 DB storage caused object to be reset.',
  'internal error; reference = 8j521so1ohi6sdr05kvjvkcq',
] as const;
const D1_HARD = [
  'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  "D1_ERROR: Exceeded the Free plan's daily limit of D1 rows written.",
] as const;
/** Nobody knows whether such a statement was carried out. */
const D1_UNKNOWN = 'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.';

/** Whether D1 says that a second try may help. */
export function isPassing(error: string): boolean {
  return D1_PASSING.some((words) => words === error);
}

const CREATE_FAULTS = ['malformed', 'hang', 'disconnect', 401, 409, 429, 500, 503] as const;
const RECORD_FAULTS = ['malformed', 'hang', 'disconnect', 404, 429, 500, 503] as const;

/** Decides what goes wrong, from the seed alone; once it is calm, nothing does any more. */
export class Chaos {
  isCalm = true;
  /** D1 refuses everything until then (true time, epoch ms). */
  outageUntil = 0;
  /** How many effects something happened to. */
  count = 0;
  private readonly draw: Draw;
  /** A stream of its own: what it draws does not shift what else goes wrong. */
  private readonly oddities: Draw;
  private readonly files: Draw;
  /** How often the server of results is out of order, and the bucket. */
  private readonly fileRate: number;
  private readonly bucketRate: number;
  /** How many of the files come without an end, in the calm too. */
  private readonly slowShare: number;
  private readonly rates: Rates;
  private readonly now: () => number;

  constructor(draws: { chaos: Draw; oddities: Draw; files: Draw }, rates: Rates, now: () => number) {
    this.draw = draws.chaos;
    this.oddities = draws.oddities;
    this.files = draws.files;
    this.fileRate = this.files.pick([0, 0.2, 0.5]);
    this.bucketRate = this.files.pick([0, 0.1, 0.3]);
    this.slowShare = this.files.pick([0, 0, 0.3]);
    this.rates = rates;
    this.now = now;
  }

  /** The fate of a request to D1, with the error that its caller gets where it fails. */
  request({ name, by }: Operation): { fate: Fate; error: string } {
    const { unlucky } = this.rates;
    const rates = unlucky?.operation === `${name} by ${by}` ? unlucky : this.rates;
    if (!this.isCalm && this.now() < this.outageUntil) {
      this.count++;
      return { fate: 'fails-before', error: D1_HARD[0] };
    }
    if (this.strikes(rates.death)) return { fate: this.death(), error: '' };
    if (!this.strikes(rates.d1)) return { fate: 'fine', error: '' };
    const kind = this.draw.next();
    if (kind < 0.35) return { fate: 'fails-before', error: this.draw.pick(D1_PASSING) };
    if (kind < 0.7) return { fate: 'fails-after', error: this.draw.pick(D1_PASSING) };
    if (kind < 0.9) return { fate: 'fails-before', error: this.draw.pick(D1_HARD) };
    return { fate: 'fails-after', error: D1_UNKNOWN };
  }

  /** The fate of a request to the bucket. */
  bucket(): Fate {
    if (this.isCalm) return 'fine';
    const { death } = this.rates;
    const drawn = this.files.next();
    if (drawn >= death + this.bucketRate) return 'fine';
    this.count++;
    const when = this.files.pick(['before', 'after'] as const);
    return drawn < death ? `dies-${when}` : `fails-${when}`;
  }

  /** What the server of results does; null where all is well. */
  file(): FileFault | null {
    if (this.isCalm || !this.files.chance(this.fileRate)) return null;
    this.count++;
    return this.files.pick(FILE_FAULTS);
  }

  /** Whether a file comes too slowly for any patience: the same file always does. */
  isSlowFile(path: string): boolean {
    return seededRandom(hashText(path))() < this.slowShare;
  }

  /** Whether the invocation that sends a request dies of it: before it is sent, or when it has arrived. */
  sending(): Fate {
    return this.strikes(this.rates.death) ? this.death() : 'fine';
  }

  /** What upstream does wrong in this call, and whether it does its work all the same; null where all is well. */
  upstream(endpoint: 'createTask' | 'recordInfo'): { fault: UpstreamFault; afterEffect: boolean } | null {
    if (!this.strikes(this.rates.upstream)) return null;
    const fault = endpoint === 'createTask' ? this.draw.pick(CREATE_FAULTS) : this.draw.pick(RECORD_FAULTS);
    // Who says 401 has done nothing; of all else nobody can tell.
    return { fault, afterEffect: fault !== 401 && this.draw.chance(0.5) };
  }

  /** In what way an answer of upstream that is right is told, or mixed up; null where it is as documented. */
  oddity(): Oddity | null {
    if (this.isCalm || !this.oddities.chance(this.rates.upstream * ODD_SHARE)) return null;
    this.count++;
    return this.oddities.pick(ODDITIES);
  }

  /** Whether the way to a receiver fails, beside what the receiver does by itself. */
  receiver(): 'lost-before' | 'lost-after' | 'hang-after' | null {
    if (!this.strikes(this.rates.receiver)) return null;
    return this.draw.pick(['lost-before', 'lost-after', 'hang-after']);
  }

  /** Whether a request to Ringback, or its answer, is lost. */
  loss(): 'request' | 'answer' | null {
    if (!this.strikes(this.rates.loss)) return null;
    return this.draw.pick(['request', 'answer']);
  }

  /** How long one way takes: mostly little, now and then much. */
  latencyMs(): number {
    const usual = this.draw.between(1, 12);
    return !this.isCalm && this.draw.chance(0.02) ? usual + this.draw.between(50, 900) : usual;
  }

  private death(): Fate {
    return this.draw.pick(['dies-before', 'dies-after']);
  }

  private strikes(rate: number): boolean {
    if (this.isCalm || !this.draw.chance(rate)) return false;
    this.count++;
    return true;
  }
}
