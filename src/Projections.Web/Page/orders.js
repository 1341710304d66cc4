// Work that takes long is ordered, and goes on behind this page; what comes of it is told when it has ended.

import { get } from './api.js';
import { announce, notice } from './dom.js';

const pause = 1000;

/** Waits for an order to end, and tells what came of it: in a notice that stays where something is wrong. */
export async function follow(order) {
  try {
    while (true) {
      const now = await get(`/projections/${encodeURIComponent(order.projection)}/work-orders/${order.id}`);
      if (now.endedAt !== null) return tell(now.failure ?? now.outcome, now.state === 'failed' || now.result.result?.agrees === false);
      await new Promise((wake) => { setTimeout(wake, pause); });
    }
  } catch (problem) {
    tell(`What comes of the work on ${order.projection} cannot be looked up: ${problem.message}`, true);
  }
}

function tell(text, wrong) {
  notice(text, wrong);
  announce(text);
}
