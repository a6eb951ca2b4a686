import type { EstimateRequest, TaskRequest } from './types.ts';

/** A model that comes with Ringback: its input is known here. */
export type BuiltInModel = TaskRequest['model'];

/** Any model's id: built-in ones are suggested, and an operator may have added others (`Ringback.models` lists them). */
export type ModelId = BuiltInModel | (string & {});

/**
 * A request of one model. Of a built-in one its input is typed; of any other it is an object, which Ringback checks by the model's
 * own schema.
 */
type RequestOf<Request extends { readonly model: string }, Id extends ModelId> = Id extends Request['model']
  ? Extract<Request, { readonly model: Id }>
  : Omit<Request, 'model' | 'input'> & {
      readonly model: Id;
      readonly input: Readonly<Record<string, unknown>>;
    };

/** What a task of this model is posted with. */
export type TaskRequestOf<Id extends ModelId> = RequestOf<TaskRequest, Id>;

/** What the price of this model is asked with. */
export type EstimateRequestOf<Id extends ModelId> = RequestOf<EstimateRequest, Id>;
