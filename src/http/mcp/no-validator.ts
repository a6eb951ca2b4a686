/**
 * Stands for `ajv` and `ajv-formats` in the bundle (`[alias]` in wrangler.toml). The SDK takes them to check what clients answer when
 * they are asked something; this server asks them nothing, and ajv would be 54 KiB of the Worker, compressed.
 */
export default function noValidator(): never {
  throw new Error('This server asks its clients nothing.');
}
