// Orca's whirlpools-core (Rust in wasm): a quote that crosses so many ticks, all of them initialised.
import { swapQuoteByInputToken, tickIndexToSqrtPrice } from '@orca-so/whirlpools-core';
import { serveCases } from '../program.mjs';

const SPACING = 64;
const TICKS_PER_ARRAY = 88;
const LIQUIDITY = 1_000_000_000_000n;
const START = SPACING / 2;
const FEE_PPM = 3_000n;

const tick = () => ({ initialized: true, liquidityNet: 0n, liquidityGross: 1n, feeGrowthOutsideA: 0n, feeGrowthOutsideB: 0n, rewardGrowthsOutside: [0n, 0n, 0n] });
const arrays = (count) =>
  Array.from({ length: count }, (_, n) => ({ startTickIndex: -n * TICKS_PER_ARRAY * SPACING, ticks: Array.from({ length: TICKS_PER_ARRAY }, tick) }));
const pool = {
  ...{ feeTierIndexSeed: new Uint8Array([SPACING, 0]), tickSpacing: SPACING, feeRate: Number(FEE_PPM), protocolFeeRate: 300, liquidity: LIQUIDITY },
  ...{ sqrtPrice: tickIndexToSqrtPrice(START), tickCurrentIndex: START, feeGrowthGlobalA: 0n, feeGrowthGlobalB: 0n, rewardLastUpdatedTimestamp: 0n },
  rewardInfos: Array.from({ length: 3 }, () => ({ emissionsPerSecondX64: 0n, growthGlobalX64: 0n })),
};

/** The input that moves the price past `depth` ticks, to the middle between two. */
function amountFor(depth) {
  const [from, to] = [pool.sqrtPrice, tickIndexToSqrtPrice(START - depth * SPACING)];
  return (((LIQUIDITY * ((from - to) << 64n)) / (from * to)) * 1_000_000n) / (1_000_000n - FEE_PPM);
}

await serveCases(
  Object.fromEntries(
    [1, 10, 50, 100].map((depth) => {
      // As few arrays as reach: turning them into Rust structs is most of the cost of a call.
      const [amount, ticks] = [amountFor(depth), arrays(depth < TICKS_PER_ARRAY ? 2 : 3)];
      return [`quote/${depth}`, () => swapQuoteByInputToken(amount, true, 50, pool, undefined, ticks, 0n, undefined, undefined).tokenEstOut];
    }),
  ),
);
