/// <reference lib="esnext.disposable" />

/**
 * Exact quotes for DLMM pools, offline.
 *
 * Field names are those of the HTTP API. Two things differ, because a JavaScript number is a float: amounts in whole
 * tokens and prices are strings here, and amounts may go in as bigints.
 */
export * from './engine.js';
export * from './answers.js';
export * from './errors.js';
export * from './numbers.js';
export * from './quote.js';
export * from './request.js';
