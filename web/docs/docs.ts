// The API reference: Swagger UI over /openapi.json of this origin.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { startThemeButton } from '../playground/view/theme-button.ts';
import { onThemeChange } from '../playground/view/colours.ts';
import { byId } from '../playground/view/dom.ts';
import { fetchFirstEvent } from './first-event.ts';
import { labelViewer } from './viewer-labels.ts';

startThemeButton();

/** The viewer's own switch between its two themes. */
function showTheme() {
  const { theme } = document.documentElement.dataset;
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark-mode', dark);
}
showTheme();
onThemeChange(showTheme);

labelViewer(byId('api'));
SwaggerUI({
  url: '/openapi.json',
  dom_id: '#api',
  // Deep links would stand inside of buttons, where neither keyboards nor screen readers expect them.
  deepLinking: false,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: false,
  requestInterceptor: (request: object) => Object.assign(request, { userFetch: fetchFirstEvent }),
  // The default one writes numbers too faintly.
  syntaxHighlight: { theme: 'obsidian' },
  // Nothing is sent to a validator outside.
  validatorUrl: null,
});
