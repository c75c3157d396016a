import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QuoteClient } from 'dlmm-quote/client';
import { Swap } from './Swap';

// Where the quotes come from: `?service=` for a try, else where this page comes from.
const url = new URLSearchParams(location.search).get('service') ?? location.origin;
const client = new QuoteClient({ url });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Swap client={client} />
  </StrictMode>,
);
