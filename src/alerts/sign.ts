import { createHmac } from 'node:crypto';

/**
 * Headers by Standard Webhooks over the exact bytes sent: `v1,<base64 HMAC-SHA-256 of id.timestamp.body>`, one for each
 * secret. Without a secret id and time are sent all the same. `secrets`: `whsec_` and base64.
 * @see https://www.standardwebhooks.com
 */
export function webhookHeaders(
  id: string,
  atMs: number,
  body: string,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
    'Idempotency-Key': id,
  };
}
