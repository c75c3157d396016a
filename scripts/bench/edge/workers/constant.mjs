// Nothing but an answer: what workerd itself costs.
export default {
  fetch: () => Response.json({ success: true, amount_out: 498506.650578 }),
};
