/** What each sealed value is bound to: it opens in the row, or for the use, that it was sealed for, and in no other. */
export const sealedFor = {
  signingSecret: (clientId: string) => `clients.signing_secret:${clientId}`,
  olderSigningSecrets: (clientId: string) => `clients.older_signing_secrets:${clientId}`,
  upstreamKey: (accountId: string) => `accounts.sealed_key:${accountId}`,
  callbackHeaders: (taskId: string) => `tasks.callback_headers:${taskId}`,
  subscriptionHeaders: (subscriptionId: string) => `subscriptions.headers:${subscriptionId}`,
  inbox: 'console.inbox',
  session: 'console.session',
} as const;
