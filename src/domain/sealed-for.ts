/** What each sealed value is bound to: it opens in the row that it was sealed for, and in no other. */
export const sealedFor = {
  signingSecret: (clientId: string) => `clients.signing_secret:${clientId}`,
  upstreamKey: (accountId: string) => `accounts.sealed_key:${accountId}`,
  callbackHeaders: (taskId: string) => `tasks.callback_headers:${taskId}`,
} as const;
