import { randomBytes } from 'node:crypto';
import { Gateway } from '../../../scripts/stack/gateway.mjs';
import { whenDone } from './cleanup.mjs';

/** Starts `dlmm gateway` on a free port; a random token unless one is given. Options as in `Gateway.start`. */
export async function startGateway({ token = randomBytes(16).toString('hex'), ...options }) {
  const gateway = await Gateway.start({ token, ...options });
  whenDone(() => gateway.stop());
  return gateway;
}
