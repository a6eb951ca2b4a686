/** What is used of it: the runtime has it with the flag `nodejs_als`, and the types of Workers do not. */
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, work: () => R): R;
    getStore(): T | undefined;
  }
}
