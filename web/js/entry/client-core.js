// What every way to load the client shares.
export { Client } from '../client/client.js';
export { DlmmError } from '../error.js';
