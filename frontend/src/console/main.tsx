import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider } from '@tanstack/react-query';
import { BrowserRouter } from 'react-router';
import { prepareClient } from '../api/client';
import { newQueryClient } from '../api/query';
import { prepareLanguage } from '../language/language';
import '../style/base.css';
import '../style/console.css';
import { Console } from './Console';

prepareLanguage();
prepareClient();

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={newQueryClient()}>
      <BrowserRouter basename="/console">
        <Console />
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
