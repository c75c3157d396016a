// Serves quotes of the npm package in a Node of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { webPackage } from '../../paths.mjs';
import { serveCases } from '../program.mjs';
import { quoteCases } from './cases.mjs';

const { QuoteEngine } = await import(join(webPackage, 'index.js'));
const [snapshot, amounts] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
await serveCases(quoteCases(QuoteEngine, snapshot, JSON.parse(amounts)));
