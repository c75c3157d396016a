// Meteora's TypeScript SDK in memory: `swapQuote` on the pool that the other programs have too. No network, no RPC.
//
// Its bins count from 1.0, so the active one is 1000 here where it is 500 there; the price is the same.
const DLMM = require('@meteora-ag/dlmm');
const { PublicKey } = require('@solana/web3.js');
const BN = require('bn.js');

const ACTIVE = 1000;
const WIDTH = 360;
const BIN_STEP = 25;
const BINS_PER_ARRAY = 70;
const RESERVE = 1_000_000_000n;
/** Offset of the bitmap that says which arrays there are. */
const BITMAP_OFFSET = 512;

const bn = (number) => new BN(number.toString());

/** 1.0025^id as 64.64 fixed point. */
function price(id) {
  const one = 1n << 128n;
  let [result, power] = [one, (one * BigInt(10_000 + BIN_STEP)) / 10_000n];
  for (let exponent = id; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = (result * power) >> 128n;
    power = (power * power) >> 128n;
  }
  return result >> 64n;
}

function bin(id) {
  const holds = Math.abs(id - ACTIVE) <= WIDTH;
  const held = (side) => bn(holds && side ? RESERVE : 0n);
  return {
    ...{ amountX: held(id >= ACTIVE), amountY: held(id <= ACTIVE), price: bn(price(id)), liquiditySupply: bn(holds ? RESERVE : 0n) },
    ...{ openOrderAmount: bn(0), processedOrderRemainingAmount: bn(0), totalProcessingOrderAmount: bn(0), limitOrderAskSide: 0 },
  };
}

const bitmap = Array.from({ length: 16 }, () => 0n);
const binArrays = [];
for (let index = Math.floor((ACTIVE - WIDTH) / BINS_PER_ARRAY); index <= Math.floor((ACTIVE + WIDTH) / BINS_PER_ARRAY); index += 1) {
  const bins = Array.from({ length: BINS_PER_ARRAY }, (_, at) => bin(index * BINS_PER_ARRAY + at));
  binArrays.push({ publicKey: PublicKey.unique(), account: { index: new BN(index), version: 1, lbPair: PublicKey.default, bins } });
  bitmap[(index + BITMAP_OFFSET) >> 6] |= 1n << BigInt((index + BITMAP_OFFSET) & 63);
}

const mint = { mint: { tlvData: Buffer.alloc(0), decimals: 6 } };
const lbPair = {
  activeId: ACTIVE,
  binStep: BIN_STEP,
  binArrayBitmap: bitmap.map(bn),
  rewardInfos: [{ mint: PublicKey.default }, { mint: PublicKey.default }],
  vParameters: { volatilityAccumulator: 0, volatilityReference: 0, indexReference: ACTIVE, lastUpdateTimestamp: new BN(Math.floor(Date.now() / 1000)) },
  parameters: {
    ...{ baseFactor: 10_000, filterPeriod: 30, decayPeriod: 600, reductionFactor: 5_000, variableFeeControl: 40_000 },
    ...{ protocolShare: 1_000, maxVolatilityAccumulator: 350_000, baseFeePowerFactor: 0, functionType: 1, collectFeeMode: 0 },
  },
};
const pool = new DLMM(PublicKey.unique(), null, lbPair, null, mint, mint, [], { epoch: new BN(0) });
const quote = (amount) => pool.swapQuote(amount, true, new BN(50), binArrays, false);

/** The least input that drains all bins but the last and half of that, by halving. */
function amountFor(depth) {
  const wanted = (RESERVE * BigInt(2 * depth - 1)) / 2n;
  // No bin that is passed has a price below 4, and the pool holds more than that.
  let [below, enough] = [0n, (RESERVE * BigInt(depth)) / 4n];
  while (enough - below > 1n) {
    const middle = (below + enough) / 2n;
    const out = BigInt(quote(bn(middle)).outAmount.toString());
    if (out < wanted) below = middle;
    else enough = middle;
  }
  return bn(enough);
}

const cases = Object.fromEntries(
  [1, 10, 50, 100].map((depth) => {
    let amount;
    return [`quote/${depth}`, () => quote((amount ??= amountFor(depth))).outAmount];
  }),
);
import('../program.mjs').then(({ serveCases }) => serveCases(cases));
